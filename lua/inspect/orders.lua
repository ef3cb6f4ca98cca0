-- orders: the orders that count against the caps, by state; within a state worst first, as victims are ranked
-- (docs/rules.md, 7); and whether each may be taken now or which rule protects it.
--
--   redis-cli --eval lua/redis-cli/orders.lua ws:{demo}:account , working AAPL 100
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the table; left out: lines for people
--            STATE                  one of pending, reserved, working, cancelling; ended: the latest
--                                   ended ones instead
--            SYMBOL                 only orders of it
--            id:ORDER               only this order, whether it ended or not; up to 100 of these
--            LIMIT                  how many are shown, 50 by default, at most 1000
--
-- Reads only (EVAL_RO will do). Of a large book it examines about as many orders as it shows: reservations,
-- cancellations, those that may be taken, worst first, and then others as they come. Of a symbol or a state
-- it looks at no more than 5000.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "near"
--- @include "protection"
--- @include "order-search"
--- @include "order-rows"

local LIMIT = limit_of(50, 1000)
local TAKES = 'a state (pending, reserved, working, cancelling, or ended), a symbol, id:ORDER, a limit'
local STATE_WORDS = { 'pending', 'reserved', 'working', 'cancelling', 'ended' }
local IDS_LIMIT = 100
local wanted, symbol, ids = nil, nil, {}
for _, word in ipairs(words) do
  local id = string.match(word, '^id:([%w_-]+)$')
  if id and #ids < IDS_LIMIT then
    ids[#ids + 1] = id
  elseif is_one_of(word, STATE_WORDS) and not wanted then
    wanted = word
  elseif is_one_of(word, STATE_WORDS) or is_typo(word, STATE_WORDS) or symbol or not symbol_of(word) then
    return stray(word, TAKES)
  else
    symbol = symbol_of(word)
  end
end

-- found: the orders, each by its id alone, or with its whole record.
local found, examined, all
if #ids > 0 then
  found, examined, all = {}, #ids, #ids
  for _, id in ipairs(ids) do
    local order = hash('order:' .. id)
    if order.id then found[#found + 1] = order end
  end
elseif wanted == 'ended' then
  found, examined, all = find_ended(symbol, LIMIT)
else
  found, examined, all = find_live(wanted, symbol, LIMIT)
end

local rows = {}
for i = 1, math.min(LIMIT, #found) do
  rows[i] = order_row(#ids > 0 and found[i] or hash('order:' .. found[i].id), wanted == 'ended')
end
local count = #found
-- Without a filter, all of them count, and not only those that were examined.
if #ids == 0 and not symbol and (not wanted or wanted == 'ended') then count = all end
local title = string.format('%sorders%s: %d of %.0f', wanted and wanted .. ' ' or '', symbol and ' of '
  .. symbol or '', #rows, count)
add_table('orders', title .. (examined < all and ' (' .. int(examined) .. ' of ' .. int(all) .. ' examined)'
  or ''), order_columns(wanted == 'ended'), rows, count - #rows)
values[#values + 1] = { 'more', count - #rows }
return answer()
