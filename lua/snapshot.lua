-- snapshot: a page of what the ledger holds. The first page (cursor 0) also has the account, its settings and
-- positions.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   cursor   0 first, then the last page's; a page that returns 0 is the last
-- ARGV[2]   count    orders per page, roughly, 1 to 1000
--
-- Reply: snapshot, cursor, now_ms, health_ms, account {field, value, ...}, settings {...}, positions
--   {{symbol, field, value, ...}, ...}, orders {{field, value, ...}, ...} | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "faults"

local function a_count(text)
  local value = tonumber(text)
  if not string.find(text, '^%d+$') or value < 1 or value > 1000 then
    return nil, 'an integer from 1 to 1000'
  end
  return value
end
local args, refusal = read_arguments('snapshot', 1, { 'cursor', an_amount, 'count', a_count })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local page = redis.call('SSCAN', PREFIX .. 'live', ARGV[1], 'COUNT', args.count)
local orders = {}
for _, id in ipairs(page[2]) do
  local order = redis.call('HGETALL', PREFIX .. 'order:' .. id)
  if #order == 0 then lose_order(id) else orders[#orders + 1] = order end
end
reply()                                           -- the account is read as it is then
local first = args.cursor == 0
local positions = {}
if first then
  for i, symbol in ipairs(redis.call('SMEMBERS', PREFIX .. 'positions')) do
    positions[i] = redis.call('HGETALL', PREFIX .. 'position:' .. symbol)
    table.insert(positions[i], 1, symbol)
  end
end
return { 'snapshot', page[1], int(now_ms), int(health_ms), first and redis.call('HGETALL', KEYS[1]) or {},
  first and redis.call('HGETALL', PREFIX .. 'settings') or {}, positions, orders }
