/** Following the events: stops when asked, and misses no event, whatever Redis does. */
import { EventEmitter, once } from 'node:events';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { followEvents, type LedgerEvent } from '../../../src/ledger/events.ts';
import { key } from '../../../src/ledger/keys.ts';
import { startPrivateRedis } from '../../support/redis.ts';

const EVENTS = 1_000;

it('ends at the abort though the server is gone', async () => {
  const server = await startPrivateRedis();
  const writer = new Redis(server.url);
  const stop = new AbortController();
  const gap = Promise.withResolvers<void>();
  let seen = false;
  const onEvent = () => {
    seen = true;
  };
  const following = followEvents(server.url, 'gone', onEvent, stop.signal, { onGap: gap.resolve });
  while (!seen) await writer.xadd(key('gone', 'events'), '*', 'type', 'fill');
  writer.disconnect();
  process.kill(server.pid, 'SIGKILL');
  await gap.promise;
  stop.abort();
  await expect(following).resolves.toBeUndefined();
  await server.close();
});

it('goes on in a new stream with older ids: the ledger was wiped, its clock had been ahead', async () => {
  const server = await startPrivateRedis();
  const writer = new Redis(server.url);
  const stream = key('wiped', 'events');
  const stop = new AbortController();
  const gap = Promise.withResolvers<void>();
  const heard: string[] = [];
  const news = new EventEmitter();
  const onEvent = ({ type }: LedgerEvent): void => {
    heard.push(type);
    news.emit(type);
  };
  const following = followEvents(server.url, 'wiped', onEvent, stop.signal, {
    onGap: gap.resolve,
    after: '0-0',
  });
  const ahead = once(news, 'ahead');
  await writer.xadd(stream, `${Date.now() + 120_000}-5`, 'type', 'ahead');
  await ahead;
  await writer.flushall();
  await writer.xadd(stream, '*', 'type', 'missed');
  await gap.promise;
  const after = once(news, 'after');
  await writer.xadd(stream, '*', 'type', 'after');
  await after;
  expect(heard.at(-1)).toBe('after');
  stop.abort();
  await following;
  writer.disconnect();
  await server.close();
});

it('reads many events together where much happens, each once and in order', async () => {
  const server = await startPrivateRedis();
  const writer = new Redis(server.url);
  const stream = key('busy', 'events');
  const stop = new AbortController();
  const last = Promise.withResolvers<void>();
  const seen: string[] = [];
  const onEvent = ({ fields }: LedgerEvent): void => {
    seen.push(fields['nth'] ?? '');
    if (seen.length === EVENTS) last.resolve();
  };
  const following = followEvents(server.url, 'busy', onEvent, stop.signal, { after: '0-0' });
  const began = performance.now();
  for (let nth = 0; nth < EVENTS; nth += 1)
    await writer.xadd(stream, '*', 'type', 'fill', 'nth', String(nth));
  await last.promise;
  const tookMs = performance.now() - began;
  const [, reads] = /cmdstat_xread:calls=(\d+)/.exec(await writer.info('commandstats')) ?? [];
  expect(seen).toEqual(Array.from({ length: EVENTS }, (_, nth) => String(nth)));
  expect(Number(reads)).toBeLessThan(20 + tookMs / 10);
  stop.abort();
  await following;
  writer.disconnect();
  await server.close();
});
