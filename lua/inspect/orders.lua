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
--- @include "near"
--- @include "prices"
--- @include "protection"

local LIMIT, LOOK = limit_of(50, 1000), 5000
local TAKES = 'a state (pending, reserved, working, cancelling, or ended), a symbol, a limit'
local STATES = { pending = 1, reserved = 2, cancelling = 3, working = 4 }
local STATE_WORDS = { 'pending', 'reserved', 'working', 'cancelling', 'ended' }
local wanted, symbol = nil, nil
for _, word in ipairs(words) do
  if is_one_of(word, STATE_WORDS) and not wanted then
    wanted = word
  elseif is_one_of(word, STATE_WORDS) or is_typo(word, STATE_WORDS) or symbol or not symbol_of(word) then
    return stray(word, TAKES)
  else
    symbol = symbol_of(word)
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
local more = #found - #rows
add_table('orders', title .. (looked < all and ' (' .. int(looked) .. ' of ' .. int(all) .. ' examined)'
  or ''), { { 'ORDER', 'id', nil, 1 }, { 'SYMBOL', 'symbol', nil, 1 }, { 'SIDE', 'side', nil, 4 },
  { 'STATE', 'state', nil, 1 }, { 'KIND', 'kind', nil, 7 }, { 'LIMIT', 'limit', nil, 4 },
  { 'QTY', 'qty', nil, 8 }, { 'FILLED', 'filledQty', nil, 8 }, { 'PNL', 'pnl', nil, 3 },
  { 'HELD', 'heldMicros', usd, 2 }, { 'PRICE', 'price', nil, 7 }, { 'DISTANCE', 'distance', percent, 5 },
  wanted == 'ended' and { 'REASON', 'reason', nil, 1 } or { 'VICTIM', 'victim', nil, 2 },
  { 'ROBBED BY', 'robbedBy', nil, 7 }, { 'PLAN', 'plan', nil, 9 }, { 'AGE', 'createdAtMs', since, 6 } },
  rows, more)
values[#values + 1] = { 'more', more }
return answer()
