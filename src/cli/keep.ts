/** `worksteal keep`: the account's keeper; any number stand by. */
import { Command } from 'commander';
import { runKeep } from '../../workers/keep.ts';

/** Once it stops, unfinished calls (such as to an unreachable Redis) get this long. */
const LAST_GRACE_MS = 1_000;

export function keepCommand(): Command {
  return new Command('keep')
    .description(
      "keep the account: follow the broker's trade updates, reconcile, recover; one is active, " +
        'others stand by',
    )
    .action(async () => {
      await runKeep();
      setTimeout(() => process.exit(), LAST_GRACE_MS).unref();
    });
}
