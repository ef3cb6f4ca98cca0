-- Plans: what planners ask for, one watcher each.
--
--   plan:<id>            hash   the plan and its progress
--   plans                zset   unfinished plans by the health time until which a host holds them; 0: free
--   plans_done           zset   finished ones by the ledger time of their end, trimmed by sweep
--   plan_totals          hash   filed, ended: ever; if filed - ended is not the unfinished, a plan was lost;
--                               indexed (plan-symbols)
--   planned:<strategy>   hash   "SYMBOL side" -> "count terms id expires_at_ms": what a strategy last asked
--                               for on a symbol and side. `count` only grows, so that no id is used twice;
--                               terms `-`: it asks for nothing there any more

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "events"
--- @include "plan-symbols"
--- @include "waiting"

-- Fields that the planner sets, in the order of ARGV of plan-file; the watcher sets the others.
local PLAN_FIELDS = { 'symbol', 'side', 'mode', 'limit', 'qty', 'pnl', 'pool', 'take_profit', 'starts_at_ms',
  'expires_at_ms', 'hold_ms', 'strategy', 'fill_probability' }

local function a_price_or_none(text)
  if text == '' then return '' end
  return a_price(text)
end

-- Stores a plan under `id` from ARGV, which holds PLAN_FIELDS from position 2 on.
local function store_plan(id)
  local fields = {}
  for i, field in ipairs(PLAN_FIELDS) do
    fields[2 * i - 1] = field
    fields[2 * i] = ARGV[i + 1]
  end
  redis.call('HSET', PREFIX .. 'plan:' .. id, 'id', id, 'stage', 'waiting', 'attempt', '1', 'owner', '',
    'filed_at_ms', now_ms, unpack(fields))
  redis.call('ZADD', PREFIX .. 'plans', '0', id)
  index_plan(id, ARGV[2])
  redis.call('HINCRBY', PREFIX .. 'plan_totals', 'filed', '1')
  redis.call('HINCRBY', PREFIX .. 'plan_totals', 'indexed', '1')
  emit('plan_filed', 'plan', id, 'symbol', ARGV[2])
end

-- symbol: nil where its record lost it.
local function finish_plan(id, symbol, stage, reason)
  leave_queue(id)
  redis.call('HSET', PREFIX .. 'plan:' .. id, 'stage', stage, 'reason', reason, 'ended_at_ms', now_ms)
  redis.call('ZREM', PREFIX .. 'plans', id)
  if symbol then unindex_plan(id, symbol) end
  redis.call('ZADD', PREFIX .. 'plans_done', int(now_ms), id)
  redis.call('HINCRBY', PREFIX .. 'plan_totals', 'ended', '1')
  emit('plan_' .. stage, 'plan', id, 'reason', reason)
end

-- Ends an unfinished plan that no host holds (true), or marks it for the host that holds it (false).
local function withdraw_plan(id, symbol, stage, owner, reason)
  if stage == 'waiting' and owner == '' then
    finish_plan(id, symbol, 'withdrawn', reason)
    return true
  end
  leave_queue(id)
  redis.call('HSET', PREFIX .. 'plan:' .. id, 'withdraw_asked', reason)
  emit('plan_withdraw_asked', 'plan', id, 'reason', reason)
  return false
end
