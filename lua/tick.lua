-- tick: a batch of prices. Updates the quotes, and moves only the orders whose protection boundary the price
-- crossed (docs/architecture.md, 5.1); other orders cost nothing. A price that jumps is doubted until it is
-- confirmed (lua/include/jumps.lua).
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1..]  symbol, price, age_ms  triples, at most 1000; price: decimal USD, 0 for none; age_ms: its age on
--                                   arrival; of a symbol named twice the last counts
--
-- Reply: ticked symbols crossed doubted | unknown (no such account) | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "book"
--- @include "ranking"
--- @include "jumps"

if #ARGV == 0 or #ARGV % 3 ~= 0 or #ARGV > 3000 then
  return invalid('tick', 'ARGV', tostring(#ARGV), 'triples of symbol, price and age_ms, 1 to 1000 of them')
end
local prices, ages, texts, symbols = {}, {}, {}, {}
for i = 1, #ARGV, 3 do
  local symbol, expected = a_symbol(ARGV[i])
  if not symbol then return invalid('tick', 'symbol', ARGV[i], expected) end
  local price = to_nanos(ARGV[i + 1])
  if not price or price < 0 then
    return invalid('tick', 'price', ARGV[i + 1], 'a decimal from 0 with at most 9 decimals')
  end
  local age, why = a_duration(ARGV[i + 2])
  if not age then return invalid('tick', 'age_ms', ARGV[i + 2], why) end
  if not prices[symbol] then symbols[#symbols + 1] = symbol end
  prices[symbol], ages[symbol], texts[symbol] = price, age, ARGV[i + 1]
end
if not open_book() then return { 'unknown', 'account', PREFIX } end

local settings = nil
local function setting(name)
  settings = settings or read_settings('policy', 'half_life_ms', 'quote_max_age_ms', 'quote_max_jump_nanos')
  return settings[name]
end
local function policy() return setting('policy') end

local quotes = redis.call('HMGET', PREFIX .. 'quotes', unpack(symbols))

-- May this price replace the quote? An unchanged price needs no further reads.
local function is_believed(symbol, quote, old)
  local price = prices[symbol]
  if not quote or price == old or (setting('quote_max_jump_nanos') or 0) == 0 then return true end
  if price == 0 then
    redis.call('HSET', PREFIX .. 'lost_prices', symbol, (string.match(quote, '%d+ %d+$')))
    return true
  end
  if is_doubted(symbol, texts[symbol], price, health_ms - ages[symbol], quote,
    settings.quote_max_jump_nanos) then
    return false
  end
  if old == 0 then redis.call('HDEL', PREFIX .. 'lost_prices', symbol) end
  return true
end

local believed, before, written, nanos = {}, {}, {}, {}
for i, symbol in ipairs(symbols) do
  local old = quotes[i] and string.match(quotes[i], ' (%d+) ') or '0'
  if is_believed(symbol, quotes[i], tonumber(old)) then
    local at = #believed + 1
    believed[at], before[at], nanos[at] = symbol, old, int(prices[symbol])
    written[2 * at - 1] = symbol
    written[2 * at] = texts[symbol] .. ' ' .. nanos[at] .. ' ' .. int(health_ms - ages[symbol])
  end
end
if #written > 0 then redis.call('HSET', PREFIX .. 'quotes', unpack(written)) end

local RANK_FIELDS = { 'id', 'symbol', 'side', 'pool', 'pnl', 'limit', 'rank' }
local function ranked(id)
  local values = redis.call('HMGET', PREFIX .. 'order:' .. id, unpack(RANK_FIELDS))
  local order = {}
  for i, field in ipairs(RANK_FIELDS) do order[field] = values[i] or '' end
  order.pnl_nanos, order.limit_nanos = to_nanos(order.pnl), to_nanos(order.limit)
  return order
end

local function place(order, price)
  local before = order.rank
  policy()                                        -- reads the settings
  put_far(order, settings, price)
  if order.rank ~= before then redis.call('HSET', PREFIX .. 'order:' .. order.id, 'rank', order.rank) end
end

local crossed = 0
local function move(ids, beyond, price)
  for _, id in ipairs(ids) do
    local order = ranked(id)
    if beyond then
      place(order, price)
      add('far', 1)
    else
      add('far', -drop_far(order))
    end
  end
  crossed = crossed + #ids
end

-- Policy `distance`: a new price changes the rank of all orders of the symbol that may be taken.
local function rerank(symbol, price)
  for _, member in ipairs(redis.call('ZRANGE', PREFIX .. 'far:total:' .. symbol, 0, -1)) do
    local order = ranked(id_of_member(member))
    drop_far(order)
    place(order, price)
  end
end

local stale = redis.call('SCARD', PREFIX .. 'stale') > 0
for i, symbol in ipairs(believed) do
  local price = prices[symbol]
  local p, o = nanos[i], before[i]
  local old = tonumber(o)
  local moved = false
  if price ~= old then
    local crossed_before = crossed
    local buys, sells = PREFIX .. 'edges:' .. symbol .. ':buy', PREFIX .. 'edges:' .. symbol .. ':sell'
    -- Without a price nothing is beyond. A buy is beyond above its edge, a sell below.
    if old == 0 then
      move(redis.call('ZRANGEBYSCORE', buys, '-inf', '(' .. p), true, price)
      move(redis.call('ZRANGEBYSCORE', sells, '(' .. p, '+inf'), true, price)
    elseif price == 0 then
      move(redis.call('ZRANGEBYSCORE', buys, '-inf', '(' .. o), false, price)
      move(redis.call('ZRANGEBYSCORE', sells, '(' .. o, '+inf'), false, price)
    elseif price > old then
      move(redis.call('ZRANGEBYSCORE', buys, o, '(' .. p), true, price)
      move(redis.call('ZRANGEBYSCORE', sells, '(' .. o, p), false, price)
    else
      move(redis.call('ZRANGEBYSCORE', buys, p, '(' .. o), false, price)
      move(redis.call('ZRANGEBYSCORE', sells, '(' .. p, o), true, price)
    end
    moved = crossed > crossed_before
    if price > 0 and policy() == 'distance' then
      rerank(symbol, price)
      moved = true
    end
  end
  local aged = stale and ages[symbol] <= setting('quote_max_age_ms')
    and redis.call('SREM', PREFIX .. 'stale', symbol) == 1
  if moved or aged then refresh_symbol(symbol) end
end
return reply('ticked', 'symbols', int(#symbols), 'crossed', int(crossed),
  'doubted', int(#symbols - #believed))
