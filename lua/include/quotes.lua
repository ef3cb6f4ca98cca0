-- quotes: symbol -> "price nanos health_ms". A quote older than the limit does not count (docs/rules.md, 3).

--- @include "account"
--- @include "clock"

-- nanos, health_ms; nil when there is none
local function quote_of(symbol)
  local text = redis.call('HGET', PREFIX .. 'quotes', symbol)
  if not text then return nil end
  local nanos, at = string.match(text, '^%S+ (%d+) (%d+)$')
  return tonumber(nanos), tonumber(at)
end

local function is_fresh(at_ms, max_age_ms)
  return at_ms ~= nil and health_ms - at_ms <= max_age_ms and at_ms - health_ms <= STEP_BACK_MS
end
