-- Prices that jumped and are not confirmed yet (jumps).

--- @include "account"
--- @include "clock"

-- nanos, health_ms of the price doubted since `base_ms`, the time of the last believed price; nil for none
local function doubted_price(symbol, base_ms)
  local nanos, at = string.match(redis.call('HGET', PREFIX .. 'jumps', symbol) or '', '^%S+ (%d+) (%d+)$')
  if not nanos or tonumber(at) < base_ms or tonumber(at) > health_ms + STEP_BACK_MS then return nil end
  return tonumber(nanos), tonumber(at)
end
