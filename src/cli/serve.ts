/** `worksteal serve`: the HTTP API; any number of them, on any number of hosts. */
import { Command } from 'commander';
import { runServe } from '../../workers/serve.ts';

/** Once it stops, unfinished calls (such as to an unreachable Redis) get this long. */
const LAST_GRACE_MS = 1_000;

export function serveCommand(): Command {
  return new Command('serve')
    .description(
      'run the HTTP API of an account, for bots in any language and for pages; settings come from the ' +
        'environment',
    )
    .action(async () => {
      await runServe({ say: (line) => void process.stdout.write(`${line}\n`) });
      setTimeout(() => process.exit(), LAST_GRACE_MS).unref();
    });
}
