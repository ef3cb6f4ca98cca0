/** The gateway of a run, and the keys of a first bot. */
import { botRecordOf, makeKeyPair } from '../../http/bot-keys.ts';
import { changeTokenFile, hashOf } from '../../http/token-file.ts';
import type { Env } from '../../rules/settings.ts';
import { freePort } from './api.ts';
import type { Processes } from './processes.ts';

const USUAL_PORT = 4_181;
/** A forecast high enough to take the room of others in the demo. USD. */
const PNL = '250';

/**
 * Starts `gateway`, and prints its address with the keys of a bot as the variables that Alpaca's clients
 * read. Where WORKSTEAL_API_TOKENS names a file, its bots are served, and none is added.
 * @param file the token file
 */
export async function startGateway(
  processes: Processes,
  file: string,
  env: Env,
  say: (line: string) => void,
): Promise<void> {
  const keys = env['WORKSTEAL_API_TOKENS'] ? undefined : makeKeyPair();
  if (keys !== undefined) {
    const { keyId, secret } = keys;
    const record = botRecordOf({
      ...{ name: 'first', keyId, sha256: hashOf(secret), strategy: '', mode: 'normal', pnl: PNL },
      ...{ maxNotional: null, symbols: [], accounts: [], createdAtMs: Date.now() },
    });
    changeTokenFile(file, (content) => ({ ...content, bots: [record] }));
  }
  const variable = 'WORKSTEAL_GATEWAY_PORT';
  const port = env[variable] || (await freePort('Gateway', USUAL_PORT, variable, say));
  const role = { name: 'gateway', args: ['gateway'] };
  const line = await processes.start(
    { ...role, env: { WORKSTEAL_API_TOKENS: file, WORKSTEAL_GATEWAY_PORT: port } },
    /^Gateway: /,
  );
  const url = line.replace('Gateway: ', '');
  const address = `APCA_API_BASE_URL=${url}`;
  if (keys === undefined) {
    say(`Gateway: for the bots in ${file}, export ${address} and the bot's keys`);
    return say('  npx worksteal token new BOT --gateway   makes the keys of a bot there');
  }
  const { keyId, secret } = keys;
  say(`Gateway: for a bot, export ${address} APCA_API_KEY_ID=${keyId} APCA_API_SECRET_KEY=${secret}`);
}
