/** `worksteal alert`: tells by a webhook what is not well; any number of them, of which one tells. */
import { Command } from 'commander';
import { runAlert, sendTest } from '../../workers/alert.ts';
import { writer } from './table.ts';

/** Once it stops, unfinished calls (such as to an unreachable Redis) get this long. */
const LAST_GRACE_MS = 1_000;

export function alertCommand(): Command {
  const command = new Command('alert')
    .description(
      'judge an account as `worksteal check` does, again and again, and post what is not well, and when it ' +
        'is well again, to a webhook; settings come from the environment',
    )
    .option('--test', 'post one test message, and end');
  return command.action(async ({ test }: { test?: true }) => {
    if (test) {
      await sendTest();
      return writer(command)('delivered\n');
    }
    await runAlert();
    setTimeout(() => process.exit(), LAST_GRACE_MS).unref();
  });
}
