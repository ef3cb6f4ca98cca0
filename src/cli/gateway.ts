/** `worksteal gateway`: Alpaca's protocol towards bots; any number of them, on any number of hosts. */
import { Command } from 'commander';
import { runGateway } from '../../workers/gateway.ts';

/** Once it stops, unfinished calls (such as to an unreachable Redis) get this long. */
const LAST_GRACE_MS = 1_000;

export function gatewayCommand(): Command {
  return new Command('gateway')
    .description(
      "run a gateway of an account, which speaks Alpaca's trading protocol: a bot joins by its base URL " +
        'and the keys of `worksteal token new BOT --gateway`; settings come from the environment',
    )
    .action(async () => {
      await runGateway({ say: (line) => void process.stdout.write(`${line}\n`) });
      setTimeout(() => process.exit(), LAST_GRACE_MS).unref();
    });
}
