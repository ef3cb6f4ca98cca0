-- Plans: what planners ask for, one watcher each.
--
--   plan:<id>     hash   the plan and how far it is
--   plans         zset   unfinished plans by the health time until which a host holds them; 0: free
--   plans_done    zset   finished ones by the ledger time of their end, trimmed by sweep
--   plan_totals   hash   filed, ended: ever; filed - ended = unfinished, or one was lost

--- @include "events"

-- Fields that the planner gives, in the order of ARGV of plan-file; the rest of the hash is the watcher's.
local PLAN_FIELDS = { 'symbol', 'side', 'mode', 'limit', 'qty', 'pnl', 'pool', 'take_profit', 'starts_at_ms', 'expires_at_ms',
  'hold_ms', 'strategy' }

local function a_price_or_none(text)
  if text == '' then return '' end
  return a_price(text)
end

local function finish_plan(id, stage, reason)
  redis.call('HSET', PREFIX .. 'plan:' .. id, 'stage', stage, 'reason', reason, 'ended_at_ms', now_ms)
  redis.call('ZREM', PREFIX .. 'plans', id)
  redis.call('ZADD', PREFIX .. 'plans_done', now_ms, id)
  redis.call('HINCRBY', PREFIX .. 'plan_totals', 'ended', 1)
  emit('plan_' .. stage, 'plan', id, 'reason', reason)
end
