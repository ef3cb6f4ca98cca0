-- tick: a batch of prices. Updates the quotes, and moves only the orders whose protection boundary the price
-- crossed (docs/architecture.md, 5.1); other orders cost nothing. Notes the limits of watched victims that
-- trade (watched). A price that jumps is doubted until it is confirmed (lua/include/jumps.lua).
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1..]  symbol, price, age_ms  triples, at most 1000; price: decimal USD, 0 for none; age_ms: its age on
--                                   arrival; of a symbol named twice the last counts
--            or one argument that holds them all, "SYMBOL price age_ms;..."
--
-- Reply: ticked symbols crossed doubted | unknown (no such account) | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "book"
--- @include "bands"
--- @include "hash-tables"
--- @include "watched"
--- @include "remembered"
--- @include "told-prices"
--- @include "ranking"
--- @include "worth"
--- @include "jumps"
--- @include "refreshing"

local told, refusal = read_told()
if not told then return refusal end
local symbols, rows, prices, texts, ages, count = told.symbols, told.rows, told.prices, told.texts, told.ages,
  told.count
if not open_book() then return { 'unknown', 'account', PREFIX } end

local settings = read_settings('policy', 'half_life_ms', 'quote_max_age_ms', 'quote_max_jump_nanos')
local jump_nanos = settings.quote_max_jump_nanos or 0
local by_distance = settings.policy == 'distance'
keep_tables()
local quotes = redis.call('HMGET', PREFIX .. 'quotes', unpack(symbols))
local bands = redis.call('HMGET', PREFIX .. 'bands', unpack(symbols))

-- May this price replace the quote?
local function is_believed(i, old)
  local symbol, price, quote = symbols[i], prices[i], quotes[i]
  if jump_nanos == 0 or not quote or price == old then return true end
  if price == 0 then
    redis.call('HSET', PREFIX .. 'lost_prices', symbol, (string.match(quote, '%d+ %d+$')))
    return true
  end
  if is_doubted(symbol, texts[i], price, health_ms - (ages[i] or 0), quote, jump_nanos) then return false end
  if old == 0 then redis.call('HDEL', PREFIX .. 'lost_prices', symbol) end
  return true
end

-- The places of the quotes that need a look at their orders: from which price, and whether a band is known.
local stale = redis.call('SCARD', PREFIX .. 'stale') > 0
local written, n, doubted = {}, 0, 0
local looks, olds = {}, {}
local now_text = int(health_ms)
local near = jump_nanos / 1e9 * 0.999999            -- clearly within the jump
local format, quote_texts, quote_prices, band_texts = string.format, quote_texts, quote_prices, band_texts
for i = 1, count do
  local symbol, price, row, quote = symbols[i], prices[i], rows[i], quotes[i]
  -- Mostly a text of `quotes` or `bands` is as it was remembered (remembered): that is looked up here.
  local old = quote and quote_texts[row] == quote and quote_prices[row] or quoted_price(row, quote)
  local change, most = price - old, old * near
  local is_near = change < most and -change < most and price > 0
  if not is_near and not is_believed(i, old) then
    doubted = doubted + 1
  else
    local age_ms = ages[i]
    local at = age_ms and int(health_ms - age_ms) or now_text
    local text = texts[i] .. ' ' .. format('%d', price) .. ' ' .. at
    written[n + 1], written[n + 2] = symbol, text
    n = n + 2
    quote_texts[row] = nil
    quote_prices[row] = price
    quote_texts[row] = text
    if price ~= old or stale then
      local band, low, high = bands[i], nil, nil
      if band and band_texts[row] == band then
        low, high = band_lows[row], band_highs[row]
      else
        low, high = band_of(row, band)
      end
      local is_within_band = low and price >= low and price <= high and old >= low and old <= high
      if stale or by_distance or not is_within_band then
        looks[#looks + 1] = i
        olds[i] = old
      end
    end
  end
end
if n > 0 then redis.call('HSET', PREFIX .. 'quotes', unpack(written, 1, n)) end
-- Most ticks end here: the functions below are made only for those that look at orders.
if #looks == 0 then
  return reply('ticked', 'symbols', int(count), 'crossed', '0', 'doubted', int(doubted))
end

-- What moves an order in the index, and what only its rank at a price takes. Each field costs.
local PLACE_FIELDS = { 'rank', 'pool' }
local RANK_FIELDS = { 'rank', 'pool', 'pnl' }
if by_distance then RANK_FIELDS = { 'rank', 'pool', 'pnl', 'limit', 'side' } end
if settings.policy == 'expected' then RANK_FIELDS = { 'rank', 'pool', 'pnl', 'fill_probability' } end

local function read_order(id, symbol, fields)
  local values = redis.call('HMGET', PREFIX .. 'order:' .. id, unpack(fields))
  local order = { id = id, symbol = symbol }
  for i, field in ipairs(fields) do order[field] = values[i] or '' end
  return order
end

local function ranked(id, symbol)
  local order = read_order(id, symbol, RANK_FIELDS)
  order.pnl_nanos = base_of(to_nanos(order.pnl), order.fill_probability, settings)
  order.limit_nanos = by_distance and to_nanos(order.limit)
  return order
end

local function place(order, price)
  local before = order.rank
  put_far(order, settings, price)
  if order.rank ~= before then redis.call('HSET', PREFIX .. 'order:' .. order.id, 'rank', order.rank) end
end

-- Moves the orders of this side whose edge lies from `from` to `to`. far: how many more are beyond now.
local crossed, far = 0, 0
local function move(symbol, side, from, to, beyond, price)
  local ids = redis.call('ZRANGEBYSCORE', PREFIX .. 'edges:' .. symbol .. ':' .. side, from, to)
  for _, id in ipairs(ids) do
    if beyond then
      place(ranked(id, symbol), price)
      far = far + 1
      account.news.offered = true
    else
      far = far - drop_far(read_order(id, symbol, PLACE_FIELDS))
    end
  end
  crossed = crossed + #ids
end

-- Policy `distance`: a new price changes the rank of all orders of the symbol that may be taken.
local function rerank(symbol, price)
  for _, member in ipairs(redis.call('ZRANGE', PREFIX .. 'far:total:' .. symbol, '0', '-1')) do
    local order = ranked(id_of_member(member), symbol)
    drop_far(order)
    place(order, price)
  end
end

-- Moves the symbol's orders whose edge lies between the two prices. Without a price (0) nothing is beyond. A
-- buy is beyond above its edge, a sell below.
local function cross(symbol, old, price)
  local o, p = int(old), int(price)
  if old == 0 then
    move(symbol, 'buy', '-inf', '(' .. p, true, price)
    move(symbol, 'sell', '(' .. p, '+inf', true, price)
  elseif price == 0 then
    move(symbol, 'buy', '-inf', '(' .. o, false, price)
    move(symbol, 'sell', '(' .. o, '+inf', false, price)
  elseif price > old then
    move(symbol, 'buy', o, '(' .. p, true, price)
    move(symbol, 'sell', '(' .. o, p, false, price)
  else
    move(symbol, 'buy', p, '(' .. o, false, price)
    move(symbol, 'sell', '(' .. p, o, true, price)
  end
end

-- The texts of the symbols to look at in `watched`, by their place in `looks`.
local function watched_of()
  local names = {}
  for at, i in ipairs(looks) do names[at] = symbols[i] end
  return redis.call('HMGET', PREFIX .. 'watched', unpack(names))
end
local watched = watched_of()

-- Notes the limits that trade at this price. Returns the symbol's text after it.
local function note_watched(symbol, price, text)
  local low, high = read_watched(text)
  if price == 0 or (price > low and price < high) then return text end
  --- @include "trades"
  return note_trades(symbol, price)
end

-- A price that crossed an edge often crosses it again at once, so only one that crossed none is worth a band.
local found, gone, refreshed = {}, {}, {}
for at, i in ipairs(looks) do
  local symbol, price, old = symbols[i], prices[i], olds[i]
  local text = watched[at] and note_watched(symbol, price, watched[at])
  local moved = false
  if price ~= old then
    local crossed_before = crossed
    cross(symbol, old, price)
    moved = crossed > crossed_before
    if price > 0 and not moved then
      found[#found + 1] = symbol
      found[#found + 1] = find_band(symbol, price, text)
    elseif bands[i] then
      gone[#gone + 1] = symbol
    end
    if price > 0 and by_distance then
      rerank(symbol, price)
      moved = true
    end
  end
  local aged = stale and (ages[i] or 0) <= settings.quote_max_age_ms
    and redis.call('SREM', PREFIX .. 'stale', symbol) == 1
  if moved or aged then refreshed[#refreshed + 1] = symbol end
end
add('far', far)
refresh_symbols(refreshed)
if #found > 0 then redis.call('HSET', PREFIX .. 'bands', unpack(found)) end
if #gone > 0 then redis.call('HDEL', PREFIX .. 'bands', unpack(gone)) end
return reply('ticked', 'symbols', int(count), 'crossed', int(crossed), 'doubted', int(doubted))
