/**
 * A script whose work never changes: some of each kind of what the ledger's commands do. Their cost as a
 * multiple of its own says the same on a fast machine and on a slow one.
 */
import type { Redis } from 'ioredis';

const TEXT = `
local key = KEYS[1]
local fields = {}
for i = 1, 12 do
  fields[2 * i - 1], fields[2 * i] = 'field_' .. i, string.format('%d', i * 1000003)
end
redis.call('HSET', key, unpack(fields))
local values = redis.call('HMGET', key, 'field_1', 'field_4', 'field_7', 'field_10', 'field_12')
local sum = 0
for i = 1, #values do sum = sum + tonumber(values[i]) end
for i = 1, 8 do
  redis.call('ZADD', key .. ':z', string.format('%d', sum + i), 'member_' .. i)
  local whole, rest = string.match('100.25', '^(%d+)%.(%d+)$')
  sum = sum + whole + rest
end
redis.call('ZRANGE', key .. ':z', 0, 3, 'WITHSCORES')
return string.format('%d', sum)
`;

type Scripted = { bench_reference(key: string): Promise<unknown> };

export function reference(redis: Redis): () => Promise<unknown> {
  redis.defineCommand('bench_reference', { numberOfKeys: 1, lua: TEXT });
  return () => (redis as unknown as Scripted).bench_reference('ws:{bench}:reference');
}
