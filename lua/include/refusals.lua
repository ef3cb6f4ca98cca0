-- The last refusal of each wish, for `why` (lua/inspect/why.lua). Only a refusal writes here.
--
--   refusal:<id>   hash   the last refusal of a plan, or of an order that names none: order, reason, at_ms,
--                         times, first_at_ms and the reply's numbers; gone an hour of real time after the
--                         last
--   refusals       zset   those ids by the ledger time of their last refusal; the latest 10,000

--- @include "integers"
--- @include "account"
--- @include "clock"

local REFUSAL_LIFE_MS, REFUSAL_LIMIT = '3600000', 10000

-- Outcomes that do not refuse the wish: it proceeds, it was a dry run, or the mutex was lost.
local NO_REFUSAL = { fits = true, blocked = true, stolen = true, dry_run = true, lock_lost = true }

local function record_refusal(wish, reason, numbers)
  if NO_REFUSAL[reason] then return end
  local id = wish.plan ~= '' and wish.plan or wish.id
  local key = PREFIX .. 'refusal:' .. id
  local earlier = redis.call('HMGET', key, 'times', 'first_at_ms')
  redis.call('DEL', key)
  redis.call('HSET', key, 'order', wish.id, 'plan', wish.plan, 'symbol', wish.symbol, 'side', wish.side,
    'kind', wish.kind, 'limit', ARGV[6], 'qty', wish.qty, 'pnl', ARGV[8], 'pool', wish.pool, 'reason', reason,
    'at_ms', int(now_ms), 'first_at_ms', earlier[2] or int(now_ms),
    'times', int((tonumber(earlier[1]) or 0) + 1),
    unpack(numbers))
  if wish.fill_probability ~= '1' then
    redis.call('HSET', key, 'fill_probability', wish.fill_probability)
  end
  redis.call('PEXPIRE', key, REFUSAL_LIFE_MS)
  redis.call('ZADD', PREFIX .. 'refusals', int(now_ms), id)
  if not earlier[1] and redis.call('ZCARD', PREFIX .. 'refusals') > REFUSAL_LIMIT then
    redis.call('DEL', PREFIX .. 'refusal:' .. redis.call('ZPOPMIN', PREFIX .. 'refusals')[1])
  end
end
