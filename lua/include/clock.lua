-- Two clocks, both the ledger's. `now_ms` drives the rules (cooldowns, fights, history); a harness may shift,
-- scale or set it. `health_ms` drives leases and quote ages and is never scaled (docs/architecture.md, 4).

--- @include "account"

-- A smaller step back is tolerated. A time further than this in the future is not trusted.
local STEP_BACK_MS = 2000

local now_ms, health_ms

-- Each call begins with this.
local function begin_clock()
  now_ms, health_ms = nil, nil
end

-- Sets now_ms and health_ms.
local function read_clock()
  local mode = account['clock_mode']
  if (mode == 'manual' or mode == 'scaled') and rawget(account, 'clock_base_ms') == nil then
    load_account({ 'clock_base_ms', 'clock_health_ms', 'clock_scale' })
  end
  if mode == 'manual' then
    now_ms, health_ms = number('clock_base_ms'), number('clock_health_ms')
    return
  end
  local time = redis.call('TIME')
  health_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
  if mode == 'scaled' then
    local passed_ms = (health_ms - number('clock_health_ms')) * number('clock_scale')
    now_ms = number('clock_base_ms') + math.floor(passed_ms)
  else
    now_ms = health_ms
  end
end
