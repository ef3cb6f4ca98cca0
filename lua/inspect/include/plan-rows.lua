-- Plans as rows of a table, and how they are found.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "prices"
--- @include "refusal-words"
--- @include "plan-symbols-whole"

-- Unfinished plans by how far they are.
local PLAN_STAGES = { exiting = 1, holding = 2, entering = 3, waiting = 4, lost = 5 }
local ENDED_STAGES = { done = 1, withdrawn = 2, expired = 3 }

-- A plan's last order: its exit if it has one, otherwise its entry if that was admitted; {} for none.
local function order_of(plan)
  local exits = tonumber(plan.exit_attempt) or 0
  local exit = exits > 0 and hash('order:' .. plan.id .. '_x' .. exits) or {}
  if exit.id then return exit end
  return hash('order:' .. plan.id .. '_' .. (plan.attempt or '1'))
end

-- Each symbol's price is read once.
local prices_read = {}
local function price_text(symbol)
  if prices_read[symbol] == nil then
    local _, _, text = price_of(symbol)
    prices_read[symbol] = text or false
  end
  return prices_read[symbol] or nil
end

-- Whether a plan may be one of those that are wanted, mostly by one command: most are not.
local function may_be_wanted(id, key, wanted)
  if wanted.refused and redis.call('EXISTS', PREFIX .. 'refusal:' .. id) == 0 then return false end
  if wanted.symbol then return redis.call('HGET', key, 'symbol') == wanted.symbol end
  if wanted.stage then return (redis.call('HGET', key, 'stage') or 'lost') == wanted.stage end
  return not wanted.strategy or redis.call('HGET', key, 'strategy') == wanted.strategy
end

-- Unfinished plans, or the latest that ended: a function that returns the ids from a place on, at most
-- `count`; and how many there are. Unfinished ones of a symbol come from their index, if that is whole.
local function pages_of(index, symbol)
  if index == 'plans' and symbol and is_plan_index_whole() then
    local key, from, to = PREFIX .. 'plan_symbols', '[' .. symbol .. ' ', '(' .. symbol .. '!'
    return function(at, count)
      local ids = redis.call('ZRANGEBYLEX', key, from, to, 'LIMIT', at, count)
      for i, member in ipairs(ids) do ids[i] = string.sub(member, #symbol + 2) end
      return ids
    end, redis.call('ZLEXCOUNT', key, from, to)
  end
  local range = index == 'plans' and 'ZRANGE' or 'ZREVRANGE'
  return function(at, count)
    return redis.call(range, PREFIX .. index, at, at + count - 1)
  end, redis.call('ZCARD', PREFIX .. index)
end

-- The plans of an index that are wanted: {id, stage, away}; how many were looked at, and of how many. away:
-- how far the price is from the limit, as a share of it; math.huge without a price. wanted: symbol, stage,
-- strategy, refused; each may be nil. It looks at the first `look` plans, until it has found PLANS_READ.
local PLANS_READ, PAGE = 500, 500
local function find_plans(index, look, wanted)
  local found, looked = {}, 0
  local page, all = pages_of(index, wanted.symbol)
  local fields = { 'stage', 'symbol', 'side', 'limit', wanted.strategy and 'strategy' }
  while looked < look and #found < PLANS_READ do
    local ids = page(looked, math.min(PAGE, look - looked))
    if #ids == 0 then break end
    for _, id in ipairs(ids) do
      if #found >= PLANS_READ then break end
      looked = looked + 1
      local key = PREFIX .. 'plan:' .. id
      if may_be_wanted(id, key, wanted) then
        local stage, symbol, side, limit, strategy = unpack(redis.call('HMGET', key, unpack(fields)))
        stage = stage or 'lost'
        -- An entry of a plan that has ended (a host of an older version ended it) counts for nothing.
        if (index ~= 'plans' or PLAN_STAGES[stage]) and (not wanted.stage or stage == wanted.stage)
          and (not wanted.strategy or strategy == wanted.strategy) then
          local price = symbol and price_text(symbol)
          found[#found + 1] = { id = id, stage = stage,
            away = price and distance(side, limit, price) or math.huge }
        end
      end
    end
  end
  return found, looked, all
end

-- Those of these ids that are on record, in their order.
local function known_plans(ids)
  local found = {}
  for _, id in ipairs(ids) do
    if redis.call('EXISTS', PREFIX .. 'plan:' .. id) == 1 or redis.call('ZSCORE', PREFIX .. 'plans', id) then
      found[#found + 1] = { id = id }
    end
  end
  return found
end

-- The furthest stage first; in a stage, the nearest to its limit first.
local function is_plan_before(a, b)
  if a.stage ~= b.stage then return PLAN_STAGES[a.stage] < PLAN_STAGES[b.stage] end
  if a.away ~= b.away then return a.away < b.away end
  return a.id < b.id
end

-- The same order as one number, but for plans that are very far and for ids.
local FAR = 15
local function place_of_plan(plan)
  return PLAN_STAGES[plan.stage] * (FAR + 1) + math.min(plan.away, FAR)
end

-- Brings the first `count` of the list to its front, in order; the others follow in any order. Lua sorts
-- numbers much faster than by a function: they tell which plans can be among the first.
local function sort_plans(list, count)
  if #list > 2 * count then
    local places, front, rest = {}, {}, {}
    for i, plan in ipairs(list) do places[i] = place_of_plan(plan) end
    table.sort(places)
    for _, plan in ipairs(list) do
      local part = place_of_plan(plan) <= places[count] and front or rest
      part[#part + 1] = plan
    end
    table.sort(front, is_plan_before)
    for i = 1, #list do list[i] = front[i] or rest[i - #front] end
  else
    table.sort(list, is_plan_before)
  end
end

-- Since when it is in its stage, as far as it is recorded.
local function stage_since(plan)
  local is_held = plan.stage == 'holding' or plan.stage == 'exiting'
  return tonumber(plan.ended_at_ms or is_held and plan.held_since_ms or plan.noted_at_ms or plan.filed_at_ms)
end

-- The columns of plan_row; ended: of plans that have ended.
local function plan_columns(ended)
  return { { 'PLAN', 'id', nil, 1 }, { 'SYMBOL', 'symbol', nil, 1 }, { 'SIDE', 'side', nil, 4 },
    { 'LIMIT', 'limit', nil, 3 }, { 'PRICE', 'price', nil, 6 }, { 'DISTANCE', 'distance', percent, 3 },
    { 'STAGE', 'stage', nil, 1 }, { 'HOST', 'host', nil, 7 }, { 'SINCE', 'stageAtMs', since, 5 },
    { 'ORDER', 'order', nil, 6 }, { 'STATE', 'orderState', nil, 4 }, ended and { 'REASON', 'reason', nil, 2 }
    or { 'LAST REFUSAL', 'refusal', refusal_words, 2 }, { nil, 'qty' }, { nil, 'pnl' }, { nil, 'strategy' },
    { nil, 'filedAtMs' }, { settings.policy == 'expected' and 'FILLS' or nil, 'fillProbability', nil, 4 } }
end

local function plan_row(id, ended)
  local plan = hash('plan:' .. id)
  if not plan.id then return { id, nil, nil, nil, nil, nil, 'lost' } end
  local is_leased = tonumber(redis.call('ZSCORE', PREFIX .. 'plans', id) or 0) > health_ms
  local order, price = order_of(plan), price_text(plan.symbol)
  if order.id and redis.call('SISMEMBER', PREFIX .. 'live', order.id) == 0 then order = {} end
  local last
  if ended then last = plan.reason else last = refusal_of(id) end
  return { id, plan.symbol, plan.side, plan.limit, price, price and distance(plan.side, plan.limit, price),
    plan.stage, is_leased and plan.owner or nil, stage_since(plan), order.id, order.state, last, plan.qty,
    plan.pnl, plan.strategy, tonumber(plan.filed_at_ms), plan.fill_probability or '1' }
end
