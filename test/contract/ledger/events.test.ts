/** Following the events ends when it should, whatever Redis does. */
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { followEvents } from '../../../src/ledger/events.ts';
import { key } from '../../../src/ledger/keys.ts';
import { startPrivateRedis } from '../../support/redis.ts';

it('ends at the abort though the server is gone', async () => {
  const server = await startPrivateRedis();
  const writer = new Redis(server.url);
  const stop = new AbortController();
  const gap = Promise.withResolvers<void>();
  let seen = false;
  const onEvent = () => {
    seen = true;
  };
  const following = followEvents(server.url, 'gone', onEvent, stop.signal, gap.resolve);
  while (!seen) await writer.xadd(key('gone', 'events'), '*', 'type', 'fill');
  writer.disconnect();
  process.kill(server.pid, 'SIGKILL');
  await gap.promise;
  stop.abort();
  await expect(following).resolves.toBeUndefined();
  await server.close();
});
