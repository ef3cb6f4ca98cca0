-- The order hash, and what moves room: a fill, an end, room handed to a thief (I2, I4, I5).

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "events"
--- @include "eligibility"
--- @include "ranking"
--- @include "worth"
--- @include "leases"
--- @include "positions"
--- @include "exits"
--- @include "sides"
--- @include "cash"

--   successors   hash   the broker's id -> the order: of the present and the waiting version of live orders
--                       that were replaced at the broker, where the client order id is another one
local ORDER_FIELDS = { 'id', 'symbol', 'side', 'kind', 'mode', 'pool', 'limit', 'qty', 'pnl',
  'fill_probability', 'owner', 'plan', 'state', 'need_micros', 'held_micros', 'held_pool_micros',
  'held_cash_micros', 'filled_qty', 'filled_micros', 'created_at_ms', 'rank', 'sent_at_ms', 'broker_id',
  'hold_nanos', 'leg', 'steal', 'robbed_by', 'reason', 'next_broker_id', 'next_limit', 'next_qty', 'next_id',
  'next_until_ms' }

-- A new order lacks those of `held_pool_micros`, `held_cash_micros` and `filled_micros` that are 0 (attempt).
local ORDER_NUMBERS = { need_micros = true, held_micros = true, held_pool_micros = true,
  held_cash_micros = true, filled_micros = true, created_at_ms = true, sent_at_ms = true }

local FINAL = { filled = true, cancelled = true, rejected = true, expired = true }

local function read_order(id)
  local values = redis.call('HMGET', PREFIX .. 'order:' .. id, unpack(ORDER_FIELDS))
  if not values[1] then return nil end
  local order = {}
  for i, field in ipairs(ORDER_FIELDS) do
    local value = values[i] or ''
    if ORDER_NUMBERS[field] then
      if value ~= '' and not tonumber(value) then
        error('order ' .. id .. ': ' .. field .. ' is no number')
      end
      value = tonumber(value) or 0
    end
    order[field] = value
  end
  return order
end

local function write_order(id, ...)
  local fields, count = { ... }, select('#', ...)
  for i = 2, count, 2 do
    if type(fields[i]) == 'number' then fields[i] = int(fields[i]) end
  end
  redis.call('HSET', PREFIX .. 'order:' .. id, 'updated_ms', int(health_ms), unpack(fields, 1, count))
end

-- Nanos at which an unfilled unit counts: its limit, or the possible cost of a short sale (shorts) if higher.
local function price_of(order, limit)
  return math.max(tonumber(order.hold_nanos) or 0, to_nanos(limit or order.limit))
end

-- Sets what the order holds in its pools: (total, own pool, cash).
local function hold(order, total, own, cash)
  add_orders('total', total - order.held_micros)
  if order.pool ~= '' then add_orders(order.pool, own - order.held_pool_micros) end
  add('orders_micros:cash', cash - order.held_cash_micros)
  order.held_micros, order.held_pool_micros, order.held_cash_micros = total, own, cash
end

-- Are two decimals of orders equal? Two missing ones are.
local function is_equal(a, b)
  if a == '' or b == '' then return a == b end
  local _, a_whole, a_rest = split_decimal(a)
  local _, b_whole, b_rest = split_decimal(b)
  return quantity_compare(a_whole, a_rest, b_whole, b_rest) == 0
end

-- What a live order counts: its unfilled part at its price. While another version of it waits at the broker
-- (amend, replace), the larger of the two. An exit counts nothing.
local function unfilled_micros(order)
  if order.kind == 'exit' then return 0 end
  local _, had_whole, had_rest = split_decimal(order.filled_qty)
  local function left(qty, limit)
    local _, whole, rest = split_decimal(qty)
    if quantity_compare(whole, rest, had_whole, had_rest) <= 0 then return 0 end
    return notional(price_of(order, limit), quantity_minus(whole, rest, had_whole, had_rest))
  end
  local own = left(order.qty, order.limit)
  return order.next_qty == '' and own or math.max(own, left(order.next_qty, order.next_limit))
end

-- The broker reports `filled` as filled, for cost_micros in all (both cumulative). The filled part becomes a
-- position; the rest counts as before. Returns nil, or what contradicts.
local function apply_fill(order, filled, cost_micros)
  local _, whole, nanos = split_decimal(filled)
  local _, qty_whole, qty_nanos = split_decimal(order.qty)
  local _, had_whole, had_nanos = split_decimal(order.filled_qty)
  if quantity_compare(whole, nanos, qty_whole, qty_nanos) > 0 then return 'filled more than its quantity' end
  if quantity_compare(whole, nanos, had_whole, had_nanos) <= 0 then return nil end    -- an older report (I6)
  local more_whole, more_nanos = quantity_minus(whole, nanos, had_whole, had_nanos)
  local more_micros = math.max(0, cost_micros - order.filled_micros)
  if not is_countable(more_micros) then return 'it costs more than can be counted' end
  fill_position(order, more_whole, more_nanos, more_micros)
  -- The spent amount reduces the cash until the broker's next report.
  if order.side == 'buy' and account['cap_micros:cash'] then add('cap_micros:cash', -more_micros) end
  order.filled_qty, order.filled_micros = quantity_text(whole, nanos),
    math.max(cost_micros, order.filled_micros)
  -- The broker has not answered yet whether it takes the replacement (replace): the request may reach it
  -- after this fill, and then fills as much again.
  if order.next_qty ~= '' and order.next_broker_id == '' then
    local _, next_whole, next_rest = split_decimal(order.next_qty)
    order.next_qty = quantity_text(quantity_plus(next_whole, next_rest, more_whole, more_nanos))
  end
  if order.kind == 'exit' then
    drop_exit(order, more_whole, more_nanos)
  else
    local left = unfilled_micros(order)
    hold(order, math.min(left, order.held_micros), math.min(left, order.held_pool_micros),
      math.min(left, order.held_cash_micros))
  end
  if order.kind == 'entry' and (order.plan ~= '' or order.steal ~= '' or order.robbed_by ~= '') then
    --- @include "bought"
    note_bought(order, more_whole, more_nanos)
  end
  return nil
end

-- Adds an order to the index if the rules allow it (eligibility, I3), or notes when they will. Returns its
-- edge and rank for its hash; '' while the index does not hold it. `settings`: ELIGIBILITY_SETTINGS, if
-- already read.
local function offer(order, settings)
  settings = settings or read_settings(unpack(ELIGIBILITY_SETTINGS))
  local rule, from_ms = unlisted(order, settings)
  if from_ms then
    redis.call('ZADD', PREFIX .. 'protected_until', int(from_ms), order.id)
    due_at(from_ms)
  end
  if rule then return '', '' end
  order.limit_nanos = to_nanos(order.limit)
  order.pnl_nanos = base_of(to_nanos(order.pnl), order.fill_probability, settings)
  return track(order, settings)
end

-- The same for a working order that the index does not hold.
local function offer_again(order, settings)
  local edge, rank = offer(order, settings)
  write_order(order.id, 'edge_nanos', edge, 'rank', rank)
end

-- A victim's freed room goes to its thief first (I5); what the thief does not lack is free for all. When
-- usage exceeds a lowered cap, freed room reduces the excess first (I1).
local function give(thief, freed_total, freed_own, freed_cash)
  local total = math.max(0, math.min(freed_total, thief.need_micros - thief.held_micros, room('total')))
  local own, cash = 0, 0
  if thief.pool ~= '' then
    own = math.max(0, math.min(freed_own, thief.need_micros - thief.held_pool_micros, room(thief.pool)))
  end
  if needs_cash(thief) then
    cash = math.max(0, math.min(freed_cash, thief.need_micros - thief.held_cash_micros, cash_room()))
  end
  hold(thief, thief.held_micros + total, thief.held_pool_micros + own, thief.held_cash_micros + cash)
end

local function is_covered(order)
  return order.held_micros >= order.need_micros
    and (order.pool == '' or order.held_pool_micros >= order.need_micros)
    and (not needs_cash(order) or order.held_cash_micros >= order.need_micros)
end

-- Ends an order: it counts nothing any more and leaves every index. The caller applies its fills first.
local function end_order(order, state, reason)
  --- @include "barring"
  bar_by_end(order, state, reason)
  hold(order, 0, 0, 0)
  if order.kind == 'exit' then drop_exit(order, unfilled_of(order)) end
  if order.rank ~= '' then untrack(order) else redis.call('ZREM', PREFIX .. 'protected_until', order.id) end
  if order.state == 'reserved' or order.state == 'pending' then drop_lease(order.id) end
  redis.call('SREM', PREFIX .. 'live', order.id)
  drop_side(order)
  redis.call('HDEL', PREFIX .. 'successors', order.broker_id, order.next_broker_id)
  redis.call('ZADD', PREFIX .. 'ended', int(now_ms), order.id)
  order.state, order.reason = state, reason
  write_order(order.id, 'state', state, 'reason', reason, 'held_micros', 0, 'held_pool_micros', 0,
    'held_cash_micros', 0, 'filled_qty', order.filled_qty, 'filled_micros', order.filled_micros,
    'ended_at_ms', now_ms)
  emit('ended', 'order', order.id, 'state', state, 'reason', reason, 'symbol', order.symbol,
    'plan', order.plan, 'filled_qty', order.filled_qty, 'robbed_by', order.robbed_by)
end
