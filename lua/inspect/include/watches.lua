-- What steals came to (docs/rules.md, 9.9), as their records and the account say.

--- @include "integers"
--- @include "account"
--- @include "clock"

-- Of a steal's record: on, over or lost; nil where it is not watched.
local function watch_of(steal)
  if steal.watch or not steal.watch_until_ms then return steal.watch end
  return tonumber(steal.watch_until_ms) >= now_ms and 'on' or 'over'
end

local DAY_MS = 86400000

-- Of the steals whose watch ended today (UTC): how many, their regret and gain.
local function judged_today()
  local day, count, regret, gain = string.match(account.judged_today or '',
    '^(%d+) (%d+) (%-?[%d.]+) (%-?[%d.]+)$')
  if day ~= int(math.floor(now_ms / DAY_MS)) then return 0, '0', '0' end
  return tonumber(count), regret, gain
end
