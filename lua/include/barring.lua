-- Setting, lifting and removing a plan's bar (lua/include/bars.lua).

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "events"
--- @include "bars"

local BAR_LIMIT, BAR_LONGEST_MS = 10000, 3600000

-- Reasons of orders that never reached the broker, as their senders write them (src/coordinator/place.ts,
-- src/keeper/reconcile.ts).
local NEVER_THERE = { too_late = true, not_sent = true, not_found = true }
-- Released before sending, for a reason that stops every entry, or every entry of the symbol. The same reason
-- refuses the plan before it can steal again.
local KEPT_OUT = { halted = true, closed = true, unsynced = true, opposite = true }
-- Refusals that do not concern the order itself: rate limit, an account that takes no orders, rejected keys.
local PASSING = { rate_limited = true, account = true, keys = true }

local function count_bars()
  set('barred', redis.call('ZCARD', PREFIX .. 'bars'))
end

local function drop_bar(name)
  redis.call('DEL', PREFIX .. 'bar:' .. name)
  redis.call('ZREM', PREFIX .. 'bars', name)
end

-- The plan that replaced this one, if any: it is the one that steals next.
local function heir_of(name)
  for _ = 1, 8 do
    local heir = redis.call('HGET', PREFIX .. 'plan:' .. name, 'replaced_by')
    if not heir then break end
    name = heir
  end
  return name
end

local function put_bar(order, cause, reason)
  local pause_ms = read_settings('unused_pause_ms').unused_pause_ms or 0
  if pause_ms == 0 then return end
  local name = heir_of(bar_name(order))
  local key = PREFIX .. 'bar:' .. name
  local times = (tonumber(redis.call('HGET', key, 'times') or 0) or 0) + 1
  local until_ms = now_ms + math.max(pause_ms,
    math.min(pause_ms * 2 ^ math.min(times - 1, 40), BAR_LONGEST_MS))
  redis.call('HSET', key, 'cause', cause, 'reason', reason, 'order', order.id, 'times', int(times),
    'at_ms', int(now_ms), 'until_ms', int(until_ms))
  redis.call('ZADD', PREFIX .. 'bars', int(until_ms), name)
  if redis.call('ZCARD', PREFIX .. 'bars') > BAR_LIMIT then
    drop_bar(redis.call('ZRANGE', PREFIX .. 'bars', '0', '0')[1])
  end
  count_bars()
  emit('barred', 'order', order.id, 'symbol', order.symbol, 'plan', order.plan, 'cause', cause,
    'reason', reason, 'times', int(times), 'until_ms', int(until_ms))
end

-- An order of the plan works at the broker. `times` is kept until it ends: a broker may still refuse an order
-- that it accepted.
local function lift_bar(order)
  if number('barred') == 0 or order.kind ~= 'entry' then return end
  local key = PREFIX .. 'bar:' .. bar_name(order)
  if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, 'until_ms', '0') end
end

-- Records how a granted steal ended: steal:<id>, outcome.
local function steal_came_to(order, outcome, reason)
  if order.steal == '' then return end
  redis.call('HSET', PREFIX .. 'steal:' .. order.steal, 'outcome', outcome, 'outcome_reason', reason)
  emit('steal_' .. outcome, 'order', order.steal, 'symbol', order.symbol, 'plan', order.plan,
    'reason', reason)
end

-- Called when an order ends as (state, reason); `order` has its previous state and its final fill. Bars the
-- plan, or removes its bar.
local function bar_by_end(order, state, reason)
  if order.kind ~= 'entry' then return end
  local filled = string.find(order.filled_qty, '[1-9]') ~= nil
  local came = order.sent_at_ms > 0 and not (state == 'rejected' and NEVER_THERE[reason])
  if not filled and not came then
    -- The victims were filled: the thief never got their room.
    if order.steal == '' or (order.state == 'pending' and state == 'rejected') then return end
    steal_came_to(order, 'unused', reason)
    if not KEPT_OUT[reason] then put_bar(order, 'unused', reason) end
  elseif not filled and state == 'rejected' then
    steal_came_to(order, 'refused', reason)
    if order.steal ~= '' or not PASSING[reason] then put_bar(order, 'refused', reason) end
  elseif number('barred') > 0 then
    drop_bar(bar_name(order))
    count_bars()
  end
end
