-- Prices that were doubted and are not confirmed (lua/include/jumps.lua).

--- @include "account"

-- text, health_ms; nil when none was doubted since the last believed price
local function doubt_of(symbol)
  local text, at = string.match(redis.call('HGET', PREFIX .. 'jumps', symbol) or '', '^(%S+) %d+ (%d+)$')
  if not text then return nil end
  local nanos, last_ms = string.match(redis.call('HGET', PREFIX .. 'quotes', symbol) or '', ' (%d+) (%d+)$')
  if nanos == '0' then
    last_ms = string.match(redis.call('HGET', PREFIX .. 'lost_prices', symbol) or '', '(%d+)$')
  end
  if not last_ms or tonumber(at) < tonumber(last_ms) then return nil end
  return text, tonumber(at)
end
