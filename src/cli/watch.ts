import { Command } from 'commander';
import { runWatch } from '../../workers/watch.ts';

/** After the plans are handed back, an answer of the broker is awaited for this long at most. */
const LAST_GRACE_MS = 1_000;

/** `worksteal watch`: a watcher host; any number of them share an account. */
export function watchCommand(): Command {
  return new Command('watch')
    .description(
      'lease plans and carry each from its entry to its exit, until SIGTERM or SIGINT; then hand them back',
    )
    .action(async () => {
      await runWatch();
      setTimeout(() => process.exit(), LAST_GRACE_MS).unref();
    });
}
