-- Prices that jump. A price further from the last believed one than WORK_STEALING_QUOTE_MAX_JUMP is doubted,
-- and the quote keeps its old price and age. The doubted price is believed when a price at least one second
-- later confirms it, or when the last believed one is 10 minutes old.
--
--   jumps         hash: symbol -> "price nanos health_ms", the price that was doubted last; void once a later
--                 price was believed
--   lost_prices   hash: symbol -> "nanos health_ms", the last price of a symbol that has none now

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"
--- @include "events"
--- @include "doubted"

local CONFIRM_MS = 1000
local LAST_PRICE_MS = 600000

local function is_within(price, base, share_nanos)
  return math.abs(price - base) <= scale_nanos(base, share_nanos)
end

-- nanos, health_ms of the last price that was believed and is no older than 10 minutes; `quote`: the
-- symbol's, or false
local function last_price(symbol, quote)
  local nanos, at = string.match(quote or '', ' (%d+) (%d+)$')
  if nanos == '0' then
    nanos, at = string.match(redis.call('HGET', PREFIX .. 'lost_prices', symbol) or '', '^(%d+) (%d+)$')
  end
  local age_ms = at and health_ms - tonumber(at)
  if not at or age_ms > LAST_PRICE_MS or age_ms < -STEP_BACK_MS then return nil end
  return tonumber(nanos), tonumber(at)
end

-- Is this price, of the time `at_ms`, doubted? Stores the doubt, and emits it at most once per second.
local function is_doubted(symbol, text, price, at_ms, quote, share_nanos)
  local base, base_ms = last_price(symbol, quote)
  if not base or is_within(price, base, share_nanos) then return false end
  local doubted, doubted_ms = doubted_price(symbol, base_ms)
  if doubted and is_within(price, doubted, share_nanos) then
    if at_ms - doubted_ms < CONFIRM_MS then return true end
    redis.call('HDEL', PREFIX .. 'jumps', symbol)
    return false
  end
  redis.call('HSET', PREFIX .. 'jumps', symbol, text .. ' ' .. int(price) .. ' ' .. int(at_ms))
  if not doubted or at_ms - doubted_ms >= CONFIRM_MS then
    emit('doubted_price', 'symbol', symbol, 'price', text, 'last', nanos_text(base))
  end
  return true
end
