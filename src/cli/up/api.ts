/** The HTTP API of a run: its own token, a free port, and the address to open. */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { changeTokenFile, makeToken, recordOf } from '../../http/token-file.ts';
import type { Env } from '../../rules/settings.ts';
import type { Processes } from './processes.ts';

const USUAL_PORT = 4_180;

/**
 * Starts `serve`, and prints its address with a token of all rights. A browser does not send what follows
 * `#`.
 * A restart keeps port and token.
 * @param folder where the token file goes, unless WORKSTEAL_API_TOKENS names one
 * @returns the token file
 */
export async function startApi(
  processes: Processes,
  folder: string,
  env: Env,
  say: (line: string) => void,
): Promise<string> {
  const own = env['WORKSTEAL_API_TOKENS'] ? undefined : makeToken();
  const file = env['WORKSTEAL_API_TOKENS'] || join(folder, 'tokens.json');
  if (own !== undefined)
    changeTokenFile(file, (content) => ({
      ...content,
      tokens: [recordOf(own, { name: 'up', scope: 'admin', accounts: [] }, Date.now())],
    }));
  const port = env['WORKSTEAL_API_PORT'] || (await freePort('API', USUAL_PORT, 'WORKSTEAL_API_PORT', say));
  const role = { name: 'serve', args: ['serve'] };
  const line = await processes.start(
    { ...role, env: { WORKSTEAL_API_TOKENS: file, WORKSTEAL_API_PORT: port } },
    /^API: /,
  );
  say(own === undefined ? line : `${line}#token=${own}`);
  return file;
}

/** The usual port, or another one if that is taken, which is said. @param variable chooses it */
export async function freePort(
  what: string,
  usual: number,
  variable: string,
  say: (line: string) => void,
): Promise<string> {
  const free = await tryPort(usual);
  if (free !== undefined) return String(free);
  const other = (await tryPort(0)) ?? 0;
  say(`${what}: port ${usual} is taken, so it has port ${other}; ${variable} chooses another one`);
  return String(other);
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
