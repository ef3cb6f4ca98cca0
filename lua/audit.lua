-- audit: recomputes every derived value from the orders and positions, and compares (I2). Reads only. It
-- looks at every open order, so its time grows with their number. A long queue is only counted, and many
-- watched steals are left out (the keeper reckons with both: src/keeper/audit-load.ts).
--
-- KEYS[1]   ws:{account}:account   hash
--
-- Reply: audited orders positions faults: how many, then the first 50 as text | unknown | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "book"
--- @include "quotes"
--- @include "edges"
--- @include "bands"
--- @include "eligibility"
--- @include "positions"
--- @include "exits"
--- @include "cash"
--- @include "orders"
--- @include "waiting"
--- @include "regrets"
--- @include "watched-audit"
--- @include "plan-symbols-audit"

local args, refusal = read_arguments('audit', 1, {})
if not args then return refusal end
load_book()
if not account['state'] then return { 'unknown', 'account', PREFIX } end
read_clock()
local settings = read_settings(unpack(ELIGIBILITY_SETTINGS))
local faults, count = {}, 0
local function fault(text)
  count = count + 1
  if #faults < 50 then faults[#faults + 1] = text end
end

-- Its protection has ended, but no command has brought the index up to date since.
local function comes_back(key, member)
  local until_ms = redis.call('ZSCORE', PREFIX .. key, member)
  return until_ms and tonumber(until_ms) <= now_ms
end
local function symbol_comes_back(symbol)
  for _, key in ipairs(SYMBOL_PROTECTIONS) do
    if comes_back(key, symbol) then return true end
  end
  return false
end

local orders_by, positions_by, exits_by, sides, tracked, far = {}, {}, {}, 0, 0, 0
local function plus(map, pool, micros)
  if pool ~= '' then map[pool] = (map[pool] or 0) + micros end
end
local live = redis.call('SMEMBERS', PREFIX .. 'live')
local symbols = {}
for _, id in ipairs(live) do
  local order = read_order(id)
  if not order then
    fault('live order ' .. id .. ' has no hash')
  else
    plus(orders_by, 'total', order.held_micros)
    plus(orders_by, order.pool, order.held_pool_micros)
    plus(orders_by, 'cash', order.held_cash_micros)
    if order.kind == 'exit' and order.leg ~= '1' then
      local at = order.symbol .. ' ' .. order.side
      local sum = exits_by[at] or { whole = 0, nanos = 0 }
      sum.whole, sum.nanos = quantity_plus(sum.whole, sum.nanos, unfilled_of(order))
      exits_by[at] = sum
    end
    sides = sides + 1
    if not redis.call('ZSCORE', PREFIX .. 'sides', order.symbol .. ' ' .. order.side .. ' ' .. id) then
      fault(id .. ' is missing in sides')
    end
    if FINAL[order.state] then fault(id .. ' is live and ended: ' .. order.state) end
    if order.kind == 'entry' and order.state ~= 'pending' then
      local left = unfilled_micros(order)
      if order.held_micros ~= left then
        fault(id .. ' counts ' .. int(order.held_micros) .. ', has ' .. int(left) .. ' unfilled')
      end
      if order.pool ~= '' and order.held_pool_micros ~= left then
        fault(id .. ' counts wrong in ' .. order.pool)
      end
      if order.held_cash_micros ~= (needs_cash(order) and left or 0) then
        fault(id .. ' counts wrong in cash')
      end
    end
    local leased = redis.call('ZSCORE', PREFIX .. 'leases', id)
    if order.state == 'pending' and not leased then fault(id .. ' is pending without a lease') end
    if order.state == 'reserved' and not leased and order.sent_at_ms == 0 then
      fault(id .. ' is reserved without a lease')
    end
    if leased and order.state ~= 'pending' and order.state ~= 'reserved' then
      fault(id .. ' has a lease and is ' .. order.state)
    end
    if order.state == 'cancelling' and order.robbed_by ~= '' then
      local outbox = redis.call('HGET', PREFIX .. 'steal:' .. order.robbed_by, 'outbox')
      if not outbox or #redis.call('XRANGE', PREFIX .. 'outbox', outbox, outbox) == 0 then
        fault(id .. ' is being cancelled and not on record (I9)')
      end
    end
    local edge = redis.call('ZSCORE', PREFIX .. 'edges:' .. order.symbol .. ':' .. order.side, id)
    local rule, until_ms = unlisted(order, settings)
    if rule and edge then fault(id .. ' should not be in edges') end
    if not rule and not edge and not comes_back('protected_until', id) then
      fault(id .. ' is missing in edges')
    end
    if until_ms and tonumber(redis.call('ZSCORE', PREFIX .. 'protected_until', id)) ~= until_ms then
      fault(id .. ' is missing in protected_until')
    end
    if edge then
      tracked = tracked + 1
      symbols[order.symbol] = true
      if tonumber(edge) ~= edge_price(order.side, to_nanos(order.limit), settings.protection_nanos) then
        fault(id .. ' has a wrong edge')
      end
      local low, high = read_band(redis.call('HGET', PREFIX .. 'bands', order.symbol))
      local at = tonumber(edge)
      if low and (order.side == 'buy' and at >= low and at < high or order.side == 'sell' and at > low
        and at <= high) then
        fault(id .. ' has its edge within the band of ' .. order.symbol)
      end
      local price = quote_of(order.symbol)
      local beyond = price ~= nil and price > 0 and is_beyond(order.side, price, tonumber(edge))
      local is_far = redis.call('ZSCORE', PREFIX .. 'far:total:' .. order.symbol, order.rank)
      if beyond ~= (is_far ~= false) then
        fault(id .. (beyond and ' is missing in far' or ' should not be in far'))
      end
      if is_far then far = far + 1 end
    end
  end
end
local successors = redis.call('HGETALL', PREFIX .. 'successors')
for i = 1, #successors, 2 do
  if redis.call('SISMEMBER', PREFIX .. 'live', successors[i + 1]) == 0 then
    fault('successors: ' .. successors[i] .. ' is of ' .. successors[i + 1] .. ', which is not live')
  end
end
if sides ~= redis.call('ZCARD', PREFIX .. 'sides') then fault('sides has members that are no live orders') end
local kept_exits, exits_left = redis.call('HGETALL', PREFIX .. 'exits'), {}
for i = 1, #kept_exits, 2 do exits_left[kept_exits[i]] = kept_exits[i + 1] end
for at, sum in pairs(exits_by) do
  local text = quantity_text(sum.whole, sum.nanos)
  if (exits_left[at] or '0') ~= text then
    fault('exits: ' .. at .. ' is ' .. tostring(exits_left[at]) .. ', the exits add up to ' .. text)
  end
  exits_left[at] = nil
end
for at, text in pairs(exits_left) do
  fault('exits: ' .. at .. ' is ' .. text .. ', there are no such exits')
end
local held = redis.call('SMEMBERS', PREFIX .. 'positions')
for _, symbol in ipairs(held) do
  local position = read_position(symbol)
  if position then
    plus(positions_by, 'total', position.cost)
    plus(positions_by, position.pool, position.cost)
  else
    fault('the position of ' .. symbol .. ' has no record')
  end
end
local pools = redis.call('HGET', KEYS[1], 'pools')
for pool in string.gmatch(pools, '[^;]+') do
  pool_fields(pool)
  local o, p = number('orders_micros:' .. pool), number('positions_micros:' .. pool)
  if o ~= (orders_by[pool] or 0) then
    fault(pool .. ': orders_micros is ' .. int(o) .. ', the orders add up to ' .. int(orders_by[pool] or 0))
  end
  if p ~= (positions_by[pool] or 0) then
    fault(pool .. ': positions_micros is ' .. int(p) .. ', the positions add up to '
      .. int(positions_by[pool] or 0))
  end
end
if tracked ~= number('tracked') then
  fault('tracked is ' .. int(number('tracked')) .. ', there are ' .. int(tracked))
end
local cash, cash_by = number('orders_micros:cash'), orders_by['cash'] or 0
if cash ~= cash_by then
  fault('cash: orders_micros is ' .. int(cash) .. ', the orders add up to ' .. int(cash_by))
end
local bars = redis.call('ZCARD', PREFIX .. 'bars')
if bars ~= number('barred') then
  fault('barred is ' .. int(number('barred')) .. ', there are ' .. int(bars))
end
if far ~= number('far') then fault('far is ' .. int(number('far')) .. ', there are ' .. int(far)) end
-- No host runs a plan that is not on the list, so nothing would close its position.
local totals = redis.call('HMGET', PREFIX .. 'plan_totals', 'filed', 'ended')
local unfinished, listed = (tonumber(totals[1]) or 0) - (tonumber(totals[2]) or 0),
  redis.call('ZCARD', PREFIX .. 'plans')
if unfinished ~= listed then
  fault('plans lists ' .. int(listed) .. ', ' .. int(unfinished) .. ' were filed and have not ended')
end

-- The queue for room: three indexes of the same plans, each in its place. Of a longer one than this they are
-- counted.
local AUDITED_PLANS = 1000
local waiting = redis.call('HLEN', PREFIX .. 'waits')
local is_short = waiting <= AUDITED_PLANS
local waits = is_short and redis.call('HGETALL', PREFIX .. 'waits') or {}
for i = 1, #waits, 2 do
  local plan, wait = waits[i], read_wait(waits[i + 1])
  local place = wait and redis.call('ZSCORE', PREFIX .. 'waiting', waiting_member(plan, wait.filed_at_ms))
  if not place or tonumber(redis.call('ZSCORE', PREFIX .. 'waits_by_need', plan)) ~= wait.need_micros then
    fault('plan ' .. plan .. ' waits for room, and is not in its place in the queue')
  end
  local record = redis.call('HMGET', PREFIX .. 'plan:' .. plan, 'owner', 'ended_at_ms')
  if not wait or record[1] ~= wait.host or record[2] then
    fault('plan ' .. plan .. ' waits for room, and has ended or is not of that host')
  end
end
for _, key in ipairs({ 'waiting', 'waits_by_need' }) do
  local listed = redis.call('ZCARD', PREFIX .. key)
  if listed ~= waiting then
    fault(key .. ' lists ' .. int(listed) .. ', ' .. int(waiting) .. ' wait for room')
  end
end
if number('waiting') ~= waiting then
  fault('waiting is ' .. int(number('waiting')) .. ', there are ' .. int(waiting))
end
for _, member in ipairs(is_short and redis.call('ZRANGE', PREFIX .. 'thieves', '0', '-1') or {}) do
  if not redis.call('ZSCORE', PREFIX .. 'waiting', member) then
    fault('thieves has ' .. member .. ', which does not wait for room')
  end
end
local turns = redis.call('ZRANGE', PREFIX .. 'turns', '0', '-1')
for _, plan in ipairs(turns) do
  if redis.call('HEXISTS', PREFIX .. 'waits', plan) == 0 then
    fault('it is the turn of plan ' .. plan .. ', which does not wait for room')
  end
end
if #turns > 0 and number('turn_due_ms') == 0 then fault('turns are named, and nobody passes them over') end

-- Each pool's heads must be exactly the worst order of each symbol that may be taken.
for pool in string.gmatch(pools, '[^;]+') do
  local heads = 0
  for symbol in pairs(symbols) do
    local head = redis.call('ZRANGE', PREFIX .. 'far:' .. pool .. ':' .. symbol, '0', '0', 'WITHSCORES')
    if is_withdrawn(symbol) then head = {} end
    local kept = redis.call('HGET', PREFIX .. 'heads:' .. pool, symbol) or nil
    if head[1] ~= kept and not (kept == nil and symbol_comes_back(symbol)) then
      fault(symbol .. ': its head in ' .. pool .. ' is ' .. tostring(kept) .. ', should be '
        .. tostring(head[1]))
    end
    if kept then
      heads = heads + 1
      local score = redis.call('ZSCORE', PREFIX .. 'victims:' .. pool, kept)
      if not score then
        fault(symbol .. ': its head is not among the victims of ' .. pool)
      elseif head[1] == kept and tonumber(score) ~= tonumber(head[2]) then
        fault(symbol .. ': its head has another rank among the victims of ' .. pool)
      end
    end
  end
  if heads ~= redis.call('ZCARD', PREFIX .. 'victims:' .. pool) then
    fault('victims:' .. pool .. ' has members that are no heads')
  end
  if heads ~= redis.call('HLEN', PREFIX .. 'heads:' .. pool) then
    fault('heads:' .. pool .. ' has symbols without a head')
  end
end
audit_watches(fault)
audit_plan_symbols(fault)
return { 'audited', 'orders', int(#live), 'positions', int(#held), 'faults', int(count), unpack(faults) }
