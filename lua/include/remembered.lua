-- What this library read and wrote last of each symbol: most texts come again and again, and need not be read
-- again. It only saves that reading; the quotes (quotes) and the bands (bands) are in Redis. A symbol has a
-- row, and these lists are by row: prices that come in the same order find theirs side by side in memory.
-- FUNCTION KILL may end a call between any two assignments. So a text is taken away before its numbers
-- change, and set behind them.

--- @include "bands"

local ROWS_LIMIT = 20000
local row_by_symbol, row_count = {}, 0
local quote_texts, quote_prices = {}, {}
local band_texts, band_lows, band_highs = {}, {}, {}

-- Each call begins with this. It adds at most as many rows as it has symbols.
local function begin_rows()
  if row_count <= ROWS_LIMIT then return end
  row_by_symbol = {}
  row_count = 0
end

local function new_row(symbol)
  row_count = row_count + 1
  row_by_symbol[symbol] = row_count
  return row_count
end

-- The price in a text of `quotes`, nanos; 0 where there is none.
local function quoted_price(row, text)
  if not text then return 0 end
  if quote_texts[row] ~= text then
    quote_texts[row] = nil
    quote_prices[row] = tonumber(string.match(text, ' (%d+) ')) or 0
    quote_texts[row] = text
  end
  return quote_prices[row]
end

-- As read_band.
local function band_of(row, text)
  if band_texts[row] ~= text then
    band_texts[row] = nil
    band_lows[row], band_highs[row] = read_band(text)
    band_texts[row] = text
  end
  return band_lows[row], band_highs[row]
end
