/** `worksteal keep`: the account's keeper; any number stand by. */
import { Command } from 'commander';
import { runKeep } from '../../workers/keep.ts';

export function keepCommand(): Command {
  return new Command('keep')
    .description(
      "keep the account: follow the broker's trade updates, reconcile, recover; one is active, " +
        'others stand by',
    )
    .action(runKeep);
}
