-- The account's two clocks (lua/include/clock.lua): now_ms for the rules, health_ms for leases and quotes.

--- @include "account"

local STEP_BACK_MS = 2000
local time = redis.call('TIME')
local health_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local now_ms = health_ms
if account.clock_mode == 'manual' then
  now_ms, health_ms = tonumber(account.clock_base_ms), tonumber(account.clock_health_ms)
elseif account.clock_mode == 'scaled' then
  local passed_ms = (health_ms - tonumber(account.clock_health_ms)) * tonumber(account.clock_scale)
  now_ms = tonumber(account.clock_base_ms) + math.floor(passed_ms)
end
