-- What dry runs would have done, for the history (lua/inspect/steals.lua). No rule reads it: it starts no
-- fight and no cooldown.
--
--   dry_run:<id>   hash   the last dry-run decision of an order: thief_symbol, thief_pnl, plan, victims,
--                         need_micros, at_ms, first_at_ms, times
--   dry_runs       zset   those orders by the ledger time of their last decision; trimmed by sweep, the
--                         latest 10,000

--- @include "integers"
--- @include "account"
--- @include "clock"

local DRY_RUN_LIMIT = 10000

local function record_dry_run(wish, victims)
  local key = PREFIX .. 'dry_run:' .. wish.id
  local first = redis.call('HGET', key, 'first_at_ms') or now_ms
  redis.call('HSET', key, 'thief_symbol', wish.symbol, 'thief_pnl', ARGV[8], 'plan', wish.plan,
    'victims', victims, 'need_micros', wish.need_micros, 'at_ms', now_ms, 'first_at_ms', first)
  redis.call('HINCRBY', key, 'times', '1')
  redis.call('ZADD', PREFIX .. 'dry_runs', int(now_ms), wish.id)
  if redis.call('ZCARD', PREFIX .. 'dry_runs') > DRY_RUN_LIMIT then
    redis.call('DEL', PREFIX .. 'dry_run:' .. redis.call('ZPOPMIN', PREFIX .. 'dry_runs')[1])
  end
end
