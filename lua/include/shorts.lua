-- What a sale that opens a short position may cost. Its limit is the least that it sells for, not the most: where the market is
-- above, it fills there. So it counts at the higher of its limit and the last price with a margin, as the broker itself holds it (I1).

--- @include "quotes"

local function is_short_sale(order)
  return order.kind == 'entry' and order.side == 'sell'
end

-- Nanos at which a unit counts; nil, and the time of the last price, where no fresh one tells. A margin of 0: at its limit.
local function short_price(symbol, limit_nanos)
  local settings = read_settings('short_margin_nanos', 'quote_max_age_ms')
  if (settings.short_margin_nanos or 0) == 0 then return limit_nanos end
  local price, at = quote_of(symbol)
  if not price or price == 0 or not is_fresh(at, settings.quote_max_age_ms) then return nil, at end
  local margin, inexact = scale_nanos(price, settings.short_margin_nanos)
  return math.min(MAX_INTEGER, math.max(limit_nanos, price + margin + (inexact and 1 or 0)))
end
