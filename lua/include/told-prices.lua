-- The prices that a tick tells (lua/tick.lua), by their place in the call.

--- @include "decimal"
--- @include "arguments"
--- @include "remembered"

local QUOTES_LIMIT, QUOTE_LENGTH = 1000, 72
local MAX_SHORT = 1e15                             -- nanos

-- The row of a symbol that has none yet; nil where it is no symbol.
local function row_of_new(symbol)
  return a_symbol(symbol) and new_row(symbol)
end

-- Reads one argument that holds all quotes. False when something is wrong in it. What it would call for each
-- quote is written out: such calls take a tenth of a tick in which nothing crosses. A quote is looked for at
-- its place alone, and its end first: a long argument that holds none would be searched from each character.
local function read_packed(told, line)
  local symbols, rows, prices, texts, ages = told.symbols, told.rows, told.prices, told.texts, told.ages
  local places, known, find = {}, row_by_symbol, string.find   -- places: row -> place
  local at, taken, count = 1, 0, 0
  local is_open = find(line, '. ', 1, true)        -- some number may end with its point
  while at <= #line do
    local stop = find(line, ';', at, true)
    if not stop or stop - at > QUOTE_LENGTH or taken == QUOTES_LIMIT then return false end
    local _, last, symbol, text, age = find(line, '^(%S+) (%d+%.?%d*) (%d+);', at)
    if last ~= stop then return false end
    at, taken = stop + 1, taken + 1
    -- So few digits are exact in a double, and Lua reads the number as it multiplies; all else is read digit
    -- by digit.
    local price = #text > 10 and MAX_SHORT or text * 1e9 + 0.5
    if price < MAX_SHORT and not is_open then price = price - price % 1 else price = to_nanos(text) end
    if not price or #age > 12 then return false end
    local row = known[symbol] or row_of_new(symbol)
    if not row then return false end
    local i = places[row]
    if not i then
      i = count + 1
      count, places[row], symbols[i], rows[i] = i, i, symbol, row
    end
    prices[i], texts[i] = price, text
    if age ~= '0' or ages[i] then ages[i] = tonumber(age) end
  end
  told.count = count
  return taken > 0
end

-- Reads three arguments for each quote. Returns the refusal.
local function read_triples(told)
  local places = {}
  for i = 1, #ARGV, 3 do
    local symbol, expected = a_symbol(ARGV[i])
    if not symbol then return invalid('tick', 'symbol', ARGV[i], expected) end
    local price = to_nanos(ARGV[i + 1])
    if not price or price < 0 then
      return invalid('tick', 'price', ARGV[i + 1], 'a decimal from 0 with at most 9 decimals')
    end
    local age, why = a_duration(ARGV[i + 2])
    if not age then return invalid('tick', 'age_ms', ARGV[i + 2], why) end
    local row = row_by_symbol[symbol] or new_row(symbol)
    local place = places[row] or told.count + 1
    told.count, places[row] = math.max(told.count, place), place
    told.symbols[place], told.rows[place], told.prices[place] = symbol, row, price
    told.texts[place], told.ages[place] = ARGV[i + 1], age
  end
  return nil
end

-- The quotes of this call: `count` of them; of each its symbol, its row (remembered), its price in nanos and
-- as it was written, and its age where it has one. Or nil and the refusal. Of a symbol named twice the last
-- counts.
local function read_told()
  local told = { symbols = {}, rows = {}, prices = {}, texts = {}, ages = {}, count = 0 }
  if #ARGV == 1 then
    local line = unpack(ARGV)
    if read_packed(told, line) then return told end
    return nil, invalid('tick', 'ARGV', line, 'SYMBOL price age_ms; up to 1000 times')
  end
  if #ARGV == 0 or #ARGV % 3 ~= 0 or #ARGV > 3 * QUOTES_LIMIT then
    return nil, invalid('tick', 'ARGV', tostring(#ARGV),
      'triples of symbol, price and age_ms, 1 to 1000 of them')
  end
  local refusal = read_triples(told)
  if refusal then return nil, refusal end
  return told
end
