-- orders: the orders that count against the caps, worst first, and whether each may be taken now or which
-- rule protects it.
--
--   redis-cli --eval lua/redis-cli/orders.lua ws:{demo}:account , working AAPL 100
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the table; left out: lines for people
--            STATE                  one of pending, reserved, working, cancelling; ended: the latest
--                                   ended ones instead
--            SYMBOL                 only orders of it
--            LIMIT                  how many are shown, 50 by default, at most 1000
--
-- Reads only (EVAL_RO will do) and looks at no more than 5000 orders.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "prices"
--- @include "protection"

local LIMIT, LOOK = limit_of(50, 1000), 5000
local STATES = { pending = 1, reserved = 2, cancelling = 3, working = 4 }
local wanted, symbol = nil, nil
for _, word in ipairs(words) do
  local is_state = STATES[word] or word == 'ended'
  if is_state and not wanted then
    wanted = word
  elseif not is_state and not symbol and symbol_of(word) then
    symbol = symbol_of(word)
  else
    return stray(word)
  end
end

local function matches(order)
  return order.id and (not symbol or order.symbol == symbol)
    and (not wanted or wanted == 'ended' or order.state == wanted)
end

local found, looked, all = {}, 0, 0
local function look_at(id)
  looked = looked + 1
  local order = hash('order:' .. id)
  if matches(order) then found[#found + 1] = order end
end
if wanted == 'ended' then
  all = redis.call('ZCARD', PREFIX .. 'ended')
  for _, id in ipairs(redis.call('ZREVRANGE', PREFIX .. 'ended', 0, LOOK - 1)) do look_at(id) end
else
  all = redis.call('SCARD', PREFIX .. 'live')
  local cursor = '0'
  repeat
    local page = redis.call('SSCAN', PREFIX .. 'live', cursor, 'COUNT', 500)
    cursor = page[1]
    for _, id in ipairs(page[2]) do look_at(id) end
  until cursor == '0' or looked >= LOOK
  table.sort(found, function(a, b)
    if a.state ~= b.state then return (STATES[a.state] or 9) < (STATES[b.state] or 9) end
    if tonumber(a.pnl) ~= tonumber(b.pnl) then return tonumber(a.pnl) < tonumber(b.pnl) end
    if a.created_at_ms ~= b.created_at_ms then
      return tonumber(a.created_at_ms) < tonumber(b.created_at_ms)
    end
    return a.id < b.id
  end)
end

local rows = {}
for i = 1, math.min(LIMIT, #found) do
  local o = found[i]
  local _, _, price = price_of(o.symbol)
  local word = protection(o)
  local kind = o.kind == 'entry' and o.mode or o.kind
  rows[i] = { o.id, o.symbol, o.side, o.state, kind, o.limit, o.qty, o.filled_qty, o.pnl,
    tonumber(o.held_micros), price, price and distance(o.side, o.limit, price), wanted == 'ended' and o.reason
    or word, o.robbed_by, o.plan, tonumber(o.created_at_ms) }
end
local title = string.format('%sorders%s: %d of %d', wanted and wanted .. ' ' or '', symbol and ' of '
  .. symbol or '', #rows, #found)
add_table('orders', title .. (looked < all and ' (' .. int(looked) .. ' of ' .. int(all) .. ' looked at)'
  or ''), { { 'ORDER', 'id' }, { 'SYMBOL', 'symbol' }, { 'SIDE', 'side' }, { 'STATE', 'state' },
  { 'KIND', 'kind' }, { 'LIMIT', 'limit' }, { 'QTY', 'qty' }, { 'FILLED', 'filledQty' }, { 'PNL', 'pnl' },
  { 'HELD', 'heldMicros', usd }, { 'PRICE', 'price' }, { 'DISTANCE', 'distance', percent }, wanted == 'ended'
  and { 'REASON', 'reason' } or { 'VICTIM', 'victim' }, { 'ROBBED BY', 'robbedBy' }, { 'PLAN', 'plan' },
  { 'AGE', 'createdAtMs', since } }, rows)
return answer()
