/** `worksteal work`: a cancel worker; any number of them, on any number of hosts. */
import { Command } from 'commander';
import { runWork } from '../../workers/work.ts';

/** After the jobs are handed back, unfinished calls (such as to an unreachable Redis) get this long. */
const LAST_GRACE_MS = 1_000;

export function workCommand(): Command {
  return new Command('work')
    .description(
      'carry out the cancellations that steals and watchers put on record; settings come from the ' +
        'environment',
    )
    .action(async () => {
      await runWork();
      setTimeout(() => process.exit(), LAST_GRACE_MS).unref();
    });
}
