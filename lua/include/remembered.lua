-- What this library read and wrote last of each symbol: most texts come again and again, and need not be read
-- again. It only saves that reading; the quotes (quotes) and the bands (bands) are in Redis. A symbol has a
-- slot, and these lists are by slot: prices that come in the same order find theirs side by side in memory.

--- @include "bands"

local SLOTS_LIMIT = 20000
local slots, slot_count = {}, 0
local quote_texts, quote_prices = {}, {}
local band_texts, band_lows, band_highs = {}, {}, {}

-- Before the first slot_of of a call. One call adds at most as many as it has symbols.
local function begin_slots()
  if slot_count > SLOTS_LIMIT then slots, slot_count = {}, 0 end
end

local function slot_of(symbol)
  local slot = slots[symbol]
  if not slot then
    slot = slot_count + 1
    slot_count, slots[symbol] = slot, slot
  end
  return slot
end

local function note_quote(slot, text, nanos)
  quote_texts[slot], quote_prices[slot] = text, nanos
end

-- The price in a text of `quotes`, nanos; 0 where there is none.
local function price_of(slot, text)
  if not text then return 0 end
  if quote_texts[slot] ~= text then note_quote(slot, text, tonumber(string.match(text, ' (%d+) ')) or 0) end
  return quote_prices[slot]
end

-- As read_band.
local function band_of(slot, text)
  if band_texts[slot] ~= text then
    band_texts[slot], band_lows[slot], band_highs[slot] = text, read_band(text)
  end
  return band_lows[slot], band_highs[slot]
end
