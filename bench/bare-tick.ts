/**
 * A tick without rules: what no tick of packed prices can leave out. It reads the prices from their text and
 * what is known of their symbols, and writes the new quotes, with an exact price each.
 */
import type { Redis } from 'ioredis';
import { key } from '../src/ledger/keys.ts';
import { COPY } from './recorded.ts';
import { serverMicros } from './server-time.ts';

const BARE = `
local symbols, quotes, n = {}, {}, 0
local now_ms = redis.call('TIME')[1] .. '000'
for symbol, text, age in string.gmatch(ARGV[1], '(%S+) (%d+%.?%d*) (%d+);') do
  local nanos = text * 1e9 + 0.5
  n = n + 1
  symbols[n] = symbol
  quotes[2 * n - 1] = symbol
  quotes[2 * n] = text .. ' ' .. string.format('%d', nanos) .. ' ' .. now_ms
end
local before = redis.call('HMGET', KEYS[1], unpack(symbols))
local bands = redis.call('HMGET', KEYS[2], unpack(symbols))
redis.call('HSET', KEYS[1], unpack(quotes))
return #before + #bands
`;

/** Server time of one on the copied account (`copyAccount`), with these two prices in turn. */
export async function bareTickMicros(
  redis: Redis,
  ticks: number,
  symbols: readonly string[],
  prices: readonly [string, string],
): Promise<number> {
  const sha = String(await redis.script('LOAD', BARE));
  const packed = prices.map((price) => symbols.map((symbol) => `${symbol} ${price} 0;`).join(''));
  return await serverMicros(redis, ticks, async () => {
    for (let nth = 0; nth < ticks; nth += 1)
      await redis.evalsha(sha, 2, key(COPY, 'quotes'), key(COPY, 'bands'), packed[nth % 2] ?? '');
  });
}
