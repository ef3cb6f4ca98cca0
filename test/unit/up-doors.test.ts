/** What `up` says of its doors: a port that is not the usual one, and whose keys a bot needs. */
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { freePort } from '../../src/cli/up/api.ts';
import { startGateway } from '../../src/cli/up/gateway.ts';
import type { Processes } from '../../src/cli/up/processes.ts';

it('a usual port that is taken is said, with the variable that chooses another one', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const other = await freePort('API', port, 'WORKSTEAL_API_PORT', say);
  expect(said).toEqual([
    `API: port ${port} is taken, so it has port ${other}; WORKSTEAL_API_PORT chooses another one`,
  ]);
  server.close();
  await once(server, 'close');
  expect(await freePort('API', port, 'WORKSTEAL_API_PORT', say)).toBe(String(port));
  expect(said).toHaveLength(1);
});

it('a gateway with a token file of its own names the file, and how its bots get keys', async () => {
  const said: string[] = [];
  const processes = { start: async () => 'Gateway: http://127.0.0.1:4999' } as unknown as Processes;
  const env = { WORKSTEAL_API_TOKENS: 'bots.json', WORKSTEAL_GATEWAY_PORT: '4999' };
  await startGateway(processes, 'bots.json', env, (line) => void said.push(line));
  expect(said).toEqual([
    "Gateway: for the bots in bots.json, export APCA_API_BASE_URL=http://127.0.0.1:4999 and the bot's keys",
    '  npx worksteal token new BOT --gateway   makes the keys of a bot there',
  ]);
});
