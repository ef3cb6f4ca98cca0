-- A position counts at its cost.
--
--   position:<SYMBOL>   hash   side (long, short), qty, cost_micros, pool, updated_ms, confirmed_ms, plan
--                              (the one whose fill last increased it); first_qty, first_micros (settling)
--   positions           set    the symbols held
--   told                hash   symbol -> health time at which a reconciliation wrote the broker's quantity
--                              over ours
--   rebuilt_ms          field of the account: the same, for all symbols

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"

local function read_position(symbol)
  local p = redis.call('HMGET', PREFIX .. 'position:' .. symbol, 'side', 'qty', 'cost_micros', 'pool')
  if not p[1] then return nil end
  return { side = p[1], qty = p[2], cost = tonumber(p[3]), pool = p[4] or '' }
end

local function count_position(pool, delta)
  add_positions('total', delta)
  if pool ~= '' then add_positions(pool, delta) end
end

-- side nil: the position is closed. `is_whole`: the broker just reported that this is all that is held
-- (holdings).
local function write_position(symbol, side, qty, cost, pool, is_whole)
  if side then
    redis.call('HSET', PREFIX .. 'position:' .. symbol, 'side', side, 'qty', qty, 'cost_micros', cost,
      'pool', pool, 'updated_ms', health_ms)
    if is_whole then redis.call('HSET', PREFIX .. 'position:' .. symbol, 'confirmed_ms', health_ms) end
    redis.call('SADD', PREFIX .. 'positions', symbol)
  else
    redis.call('DEL', PREFIX .. 'position:' .. symbol)
    redis.call('SREM', PREFIX .. 'positions', symbol)
    redis.call('HSET', PREFIX .. 'closed', symbol, health_ms)
  end
end

-- The cost of the remaining `rest` of `whole`; never below the exact value (a double is off by at most a
-- micro).
local function cost_share(cost, rest_whole, rest_nanos, whole, nanos)
  if rest_whole + rest_nanos == 0 then return 0 end
  return math.min(cost, math.ceil(cost * ((rest_whole + rest_nanos / 1e9) / (whole + nanos / 1e9))) + 1)
end

-- Could the broker's last position report already include this fill? No, if the order was sent later.
local function may_be_told(order)
  return order.sent_at_ms < math.max(number('rebuilt_ms'),
    tonumber(redis.call('HGET', PREFIX .. 'told', order.symbol) or 0))
end

-- Books a fill of (whole, nanos) for cost_micros. It increases a position on its side, reduces one on the
-- other, and reverses it when it is larger. If the broker's last report may include a reduction, subtracting
-- it again would free room that is not there (I1). Then the larger position counts until the next
-- reconciliations.
local function fill_position(order, whole, nanos, cost_micros)
  if whole + nanos == 0 then return end
  -- the broker's earlier answer no longer applies (holdings)
  redis.call('HDEL', PREFIX .. 'confirmed', order.symbol)
  local symbol, side = order.symbol, order.side == 'buy' and 'long' or 'short'
  local held = read_position(symbol)
  local function keep_plan() redis.call('HSET', PREFIX .. 'position:' .. symbol, 'plan', order.plan) end
  if not held then
    count_position(order.pool, cost_micros)
    write_position(symbol, side, quantity_text(whole, nanos), cost_micros, order.pool, true)
    keep_plan()
    return
  end
  local _, held_whole, held_nanos = split_decimal(held.qty)
  if held.side == side then
    local sum_whole, sum_nanos = quantity_plus(held_whole, held_nanos, whole, nanos)
    count_position(held.pool, cost_micros)
    write_position(symbol, side, quantity_text(sum_whole, sum_nanos), held.cost + cost_micros, held.pool)
    keep_plan()
    return
  end
  local compared = quantity_compare(whole, nanos, held_whole, held_nanos)
  local left_whole, left_nanos, left_side, left_cost = 0, 0, nil, 0
  if compared < 0 then
    left_whole, left_nanos = quantity_minus(held_whole, held_nanos, whole, nanos)
    left_side, left_cost = held.side, cost_share(held.cost, left_whole, left_nanos, held_whole, held_nanos)
  elseif compared > 0 then
    left_whole, left_nanos = quantity_minus(whole, nanos, held_whole, held_nanos)
    left_side, left_cost = side, cost_share(cost_micros, left_whole, left_nanos, whole, nanos)
  end
  if left_cost <= held.cost and may_be_told(order) then
    redis.call('HSET', PREFIX .. 'unsure', symbol, health_ms)
    return
  end
  -- The report that a rebuild compares with had what was sold now. After a purchase nobody can tell whether.
  local first_micros = tonumber(redis.call('HGET', PREFIX .. 'position:' .. symbol, 'first_micros') or '')
  count_position(held.pool, left_cost - held.cost)
  write_position(symbol, left_side, quantity_text(left_whole, left_nanos), left_cost, held.pool)
  if left_side == side then keep_plan() end
  if not first_micros or not left_side then return end
  if left_side == held.side and held.cost <= first_micros then
    redis.call('HSET', PREFIX .. 'position:' .. symbol, 'first_qty', quantity_text(left_whole, left_nanos),
      'first_micros', int(left_cost))
  else
    redis.call('HDEL', PREFIX .. 'position:' .. symbol, 'first_qty', 'first_micros')
  end
end
