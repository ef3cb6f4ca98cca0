-- What a sale that opens a short position may cost. Its limit is its lowest price: in a higher market it
-- fills higher. So it counts at the higher of its limit and the last price with a margin, as the broker
-- counts it (I1).

--- @include "integers"
--- @include "decimal"
--- @include "settings"
--- @include "quotes"
--- @include "doubted"

local function is_short_sale(order)
  return order.kind == 'entry' and order.side == 'sell'
end

-- Nanos at which a unit counts. Without a usable price: nil, the time of the last price, and a higher price
-- that is doubted. That price may be true, so nothing is sold short until it is confirmed or void. An order
-- at the broker already (`is_there`) counts at the doubted price meanwhile. With a margin of 0, it counts at
-- its limit.
local function short_price(symbol, limit_nanos, is_there)
  local settings = read_settings('short_margin_nanos', 'quote_max_age_ms')
  if (settings.short_margin_nanos or 0) == 0 then return limit_nanos end
  local price, at = quote_of(symbol)
  if not price or price == 0 or not is_fresh(at, settings.quote_max_age_ms) then return nil, at end
  local doubted = doubted_price(symbol, at)
  if doubted and doubted > price then
    if not is_there then return nil, at, doubted end
    price = doubted
  end
  local margin, inexact = scale_nanos(price, settings.short_margin_nanos)
  if not margin then return MAX_INTEGER, at end
  return math.min(MAX_INTEGER, math.max(limit_nanos, price + margin + (inexact and 1 or 0)))
end
