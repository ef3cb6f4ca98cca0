-- audit: recomputes the ledger's sums and indexes from the orders and positions, and reports differences
-- (I2). lua/audit.lua does the same for programs; a test keeps the checks and sentences of both equal. What
-- steals came to is checked there alone.
--
--   redis-cli --eval lua/redis-cli/audit.lua ws:{demo}:account
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the tables; left out: lines for
--                                   people
--            LIMIT                  refuse when more orders than this are live, 20000 by default: every one
--                                   is read, at some 20 us each, and nothing else runs meanwhile
--
-- Reads only (EVAL_RO will do).

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "quotes"
--- @include "edges"
--- @include "eligibility"
--- @include "waits"
--- @include "plan-symbols-audit"

local FINAL = { filled = true, cancelled = true, rejected = true, expired = true }
local LIMIT = limit_of(20000, 1000000)
if words[1] then return stray(words[1], 'a limit') end
local live_count = redis.call('SCARD', PREFIX .. 'live')
if live_count > LIMIT then
  return redis.error_reply('USAGE ' .. int(live_count)
    .. ' orders are live, which would take long: give a limit above that to audit them')
end

local faults, count = {}, 0
local function fault(text)
  count = count + 1
  if #faults < 50 then faults[#faults + 1] = text end
end

local sums, sides, tracked, far, symbols = { orders = {}, positions = {} }, 0, 0, 0, {}
local function plus(map, pool, amount)
  if pool ~= '' then map[pool] = (map[pool] or 0) + amount end
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

local function check_holding(id, order)
  local _, qty_whole, qty_nanos = split_decimal(order.qty)
  local _, had_whole, had_nanos = split_decimal(order.filled_qty)
  local left = notional(to_nanos(order.limit), quantity_minus(qty_whole, qty_nanos, had_whole, had_nanos))
  if order.held_micros ~= left then
    fault(id .. ' counts ' .. int(order.held_micros) .. ', has ' .. int(left) .. ' unfilled')
  end
  if order.pool ~= '' and order.held_pool_micros ~= left then
    fault(id .. ' counts wrong in ' .. order.pool)
  end
end

local function check_leases(id, order)
  local leased = redis.call('ZSCORE', PREFIX .. 'leases', id)
  if order.state == 'pending' and not leased then fault(id .. ' is pending without a lease') end
  local sent = (tonumber(order.sent_at_ms) or 0) > 0
  if order.state == 'reserved' and not leased and not sent then
    fault(id .. ' is reserved without a lease')
  end
  if leased and order.state ~= 'pending' and order.state ~= 'reserved' then
    fault(id .. ' has a lease and is ' .. order.state)
  end
end

local function check_outbox(id, order)
  if order.state ~= 'cancelling' or (order.robbed_by or '') == '' then return end
  local outbox = redis.call('HGET', PREFIX .. 'steal:' .. order.robbed_by, 'outbox')
  local on_record = outbox and #redis.call('XRANGE', PREFIX .. 'outbox', outbox, outbox) > 0
  if not on_record then fault(id .. ' is being cancelled and not on record (I9)') end
end

local function check_index(id, order)
  local edge = redis.call('ZSCORE', PREFIX .. 'edges:' .. order.symbol .. ':' .. order.side, id)
  local rule, until_ms = unlisted(order, settings)
  if rule and edge then fault(id .. ' should not be in edges') end
  if not rule and not edge and not comes_back('protected_until', id) then
    fault(id .. ' is missing in edges')
  end
  if until_ms and tonumber(redis.call('ZSCORE', PREFIX .. 'protected_until', id)) ~= until_ms then
    fault(id .. ' is missing in protected_until')
  end
  if not edge then return end
  tracked, symbols[order.symbol] = tracked + 1, true
  local expected = edge_price(order.side, to_nanos(order.limit), tonumber(settings.protection_nanos))
  if tonumber(edge) ~= expected then fault(id .. ' has a wrong edge') end
  local price = quote_of(order.symbol)
  local beyond = price ~= nil and price > 0 and is_beyond(order.side, price, tonumber(edge))
  local is_far = redis.call('ZSCORE', PREFIX .. 'far:total:' .. order.symbol, order.rank or '')
  if beyond ~= (is_far ~= false) then
    fault(id .. (beyond and ' is missing in far' or ' should not be in far'))
  end
  if is_far then far = far + 1 end
end

for _, id in ipairs(redis.call('SMEMBERS', PREFIX .. 'live')) do
  local order = hash('order:' .. id)
  if not order.id then
    fault('live order ' .. id .. ' has no hash')
  else
    order.held_micros, order.held_pool_micros = tonumber(order.held_micros) or 0,
      tonumber(order.held_pool_micros) or 0
    plus(sums.orders, 'total', order.held_micros)
    plus(sums.orders, order.pool, order.held_pool_micros)
    sides = sides + 1
    local side = order.symbol .. ' ' .. order.side .. ' ' .. id
    if not redis.call('ZSCORE', PREFIX .. 'sides', side) then fault(id .. ' is missing in sides') end
    if FINAL[order.state] then fault(id .. ' is live and ended: ' .. order.state) end
    if order.kind == 'entry' and order.state ~= 'pending' then check_holding(id, order) end
    check_leases(id, order)
    check_outbox(id, order)
    check_index(id, order)
  end
end

if sides ~= redis.call('ZCARD', PREFIX .. 'sides') then fault('sides has members that are no live orders') end

local held = redis.call('SMEMBERS', PREFIX .. 'positions')
for _, symbol in ipairs(held) do
  local position = redis.call('HMGET', PREFIX .. 'position:' .. symbol, 'cost_micros', 'pool')
  local cost = tonumber(position[1])
  if cost then
    plus(sums.positions, 'total', cost)
    plus(sums.positions, position[2] or '', cost)
  else
    fault('the position of ' .. symbol .. ' has no record')
  end
end

local function check_pool(pool)
  for _, what in ipairs({ 'orders', 'positions' }) do
    local kept, sum = micros(what .. '_micros:' .. pool), sums[what][pool] or 0
    if kept ~= sum then
      fault(string.format('%s: %s_micros is %.0f, the %s add up to %.0f', pool, what, kept, what, sum))
    end
  end
end

-- The queue for room: indexes of the same plans, each in its place.
local function check_queue()
  local waits, waiting = redis.call('HGETALL', PREFIX .. 'waits'), 0
  for i = 1, #waits, 2 do
    local plan, need, host, filed = waits[i], wait_terms(waits[i + 1])
    waiting = waiting + 1
    local member = string.format('%015.0f:%s', tonumber(filed) or 0, plan)
    if not redis.call('ZSCORE', PREFIX .. 'waiting', member)
      or redis.call('ZSCORE', PREFIX .. 'waits_by_need', plan) ~= need then
      fault('plan ' .. plan .. ' waits for room, and is not in its place in the queue')
    end
    local record = redis.call('HMGET', PREFIX .. 'plan:' .. plan, 'owner', 'ended_at_ms')
    if record[1] ~= host or record[2] then
      fault('plan ' .. plan .. ' waits for room, and has ended or is not of that host')
    end
  end
  for _, name in ipairs({ 'waiting', 'waits_by_need' }) do
    local listed = redis.call('ZCARD', PREFIX .. name)
    if listed ~= waiting then
      fault(name .. ' lists ' .. int(listed) .. ', ' .. int(waiting) .. ' wait for room')
    end
  end
  if micros('waiting') ~= waiting then
    fault('waiting is ' .. int(micros('waiting')) .. ', there are ' .. int(waiting))
  end
  for _, member in ipairs(redis.call('ZRANGE', PREFIX .. 'thieves', 0, -1)) do
    if not redis.call('ZSCORE', PREFIX .. 'waiting', member) then
      fault('thieves has ' .. member .. ', which does not wait for room')
    end
  end
  local turns = redis.call('ZRANGE', PREFIX .. 'turns', 0, -1)
  for _, plan in ipairs(turns) do
    if redis.call('HEXISTS', PREFIX .. 'waits', plan) == 0 then
      fault('it is the turn of plan ' .. plan .. ', which does not wait for room')
    end
  end
  if #turns > 0 and micros('turn_due_ms') == 0 then fault('turns are named, and nobody passes them over') end
end

-- A pool's heads must be exactly the worst order of each symbol that may be taken.
local function check_heads(pool)
  local heads = 0
  for symbol in pairs(symbols) do
    local head = redis.call('ZRANGE', PREFIX .. 'far:' .. pool .. ':' .. symbol, 0, 0, 'WITHSCORES')
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

for pool in string.gmatch(account.pools, '[^;]+') do check_pool(pool) end
if tracked ~= micros('tracked') then
  fault('tracked is ' .. int(micros('tracked')) .. ', there are ' .. int(tracked))
end
if far ~= micros('far') then fault('far is ' .. int(micros('far')) .. ', there are ' .. int(far)) end
for pool in string.gmatch(account.pools, '[^;]+') do check_heads(pool) end
check_queue()
audit_plan_symbols(fault)

values = { { 'account', account_name }, { 'orders', live_count }, { 'positions', #held },
  { 'faultCount', count } }
add_table(nil, nil,
  { { 'ACCOUNT', nil, nil, 1 }, { 'LIVE ORDERS', nil, int, 3 }, { 'POSITIONS', nil, int, 4 },
  { 'FAULTS', nil, int, 1 } }, { { account_name, live_count, #held, count } })
add_sentences('faults', count > #faults and 'the first ' .. int(#faults) .. ' faults' or 'faults', faults)
return answer()
