-- The price at which an order's gate or protection ends: computed once, exactly; afterwards integers are
-- compared (docs/rules.md, 3).

--- @include "decimal"

-- The furthest price at which the order is still protected: limit + p x limit for a buy, limit - p x limit
-- for a sell.
local function edge_price(side, limit_nanos, fraction_nanos)
  local width = scale_nanos(limit_nanos, fraction_nanos)
  return side == 'buy' and limit_nanos + width or limit_nanos - width
end

local function is_beyond(side, price_nanos, edge_nanos)
  if side == 'buy' then return price_nanos > edge_nanos end
  return price_nanos < edge_nanos
end
