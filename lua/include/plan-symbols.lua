-- The index of unfinished plans by symbol. Only inspections read it: no decision depends on it.
--
--   plan_symbols           zset   `SYMBOL id` of every unfinished plan, score 0
--   plan_totals: indexed   how many of the plans that were ever filed are, or were, in it. Where that is not
--                          `filed`, a host of an older version filed some

--- @include "account"

local function index_plan(id, symbol)
  redis.call('ZADD', PREFIX .. 'plan_symbols', '0', symbol .. ' ' .. id)
end

local function unindex_plan(id, symbol)
  redis.call('ZREM', PREFIX .. 'plan_symbols', symbol .. ' ' .. id)
end

-- Nobody reads the index any more until it was recomputed.
local function distrust_plan_symbols()
  redis.call('HDEL', PREFIX .. 'plan_totals', 'indexed')
end

-- With more plans than this it would keep Redis too long: inspections then look at the plans themselves.
local REINDEX_LIMIT = 20000

-- Recomputes the index from all unfinished plans.
local function reindex_plans()
  redis.call('DEL', PREFIX .. 'plan_symbols')
  distrust_plan_symbols()
  if redis.call('ZCARD', PREFIX .. 'plans') > REINDEX_LIMIT then return end
  local is_whole = true
  for _, id in ipairs(redis.call('ZRANGE', PREFIX .. 'plans', '0', '-1')) do
    local symbol = redis.call('HGET', PREFIX .. 'plan:' .. id, 'symbol')
    if symbol then index_plan(id, symbol) else is_whole = false end
  end
  local filed = redis.call('HGET', PREFIX .. 'plan_totals', 'filed')
  if is_whole and filed then redis.call('HSET', PREFIX .. 'plan_totals', 'indexed', filed) end
end
