-- The prices of quotes as this library wrote them last: the next tick of a symbol mostly finds the very text
-- that the tick before wrote. It only saves reading that text; the quotes are in Redis (quotes).

local LAST_LIMIT = 20000
local last_texts, last_prices, last_count = {}, {}, 0

local function note_last(symbol, text, nanos)
  if last_texts[symbol] == nil then last_count = last_count + 1 end
  if last_count > LAST_LIMIT then last_texts, last_prices, last_count = {}, {}, 1 end
  last_texts[symbol], last_prices[symbol] = text, nanos
end

-- The price of a symbol's quote, nanos; 0 where there is none.
local function last_nanos(symbol, text)
  if not text then return 0 end
  if last_texts[symbol] == text then return last_prices[symbol] end
  return tonumber(string.match(text, ' (%d+) ')) or 0
end
