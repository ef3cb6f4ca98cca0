-- Where an order stands in a list: as the index of victims ranks it (lua/include/ranking.lua), whether it may
-- be taken or not. src/mirror/sorting.ts ranks the mirror's rows by the same numbers.

--- @include "account"
--- @include "decimal"
--- @include "prices"
--- @include "worth"

-- The further from its limit, the lower; what has no fresh price comes last.
local function distance_score(order)
  local price, limit = price_of(order.symbol), to_nanos(order.limit)
  if not price or not limit or limit <= 0 then return math.huge end
  return -math.max(0, order.side == 'sell' and limit - price or price - limit) / limit
end

-- order: symbol, side, limit, pnl, fill_probability, at_ms. Returns its score, the lowest first, and its PnL
-- in nanos, which decides under policy `distance` where scores are equal.
local function listed_rank(order)
  local pnl_nanos = to_nanos(order.pnl) or 0
  if settings.policy == 'distance' then return distance_score(order), pnl_nanos end
  local base, half_life_ms = base_of(pnl_nanos, order.fill_probability, settings),
    tonumber(settings.half_life_ms) or 0
  if half_life_ms == 0 or base <= 0 then return base, pnl_nanos end
  return fading_key(base, order.at_ms, half_life_ms), pnl_nanos
end
