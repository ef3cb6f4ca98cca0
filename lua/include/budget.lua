-- What steals took lately (docs/rules.md, 9.7).
--
--   taken   zset   "before micros id" by ms: what a steal took, and what all before it did, in micro-USD. The
--                  sum of any window is a difference of two; sweep removes what is older than the history
--                  and the window

--- @include "integers"
--- @include "account"
--- @include "clock"

local function read_taken(member)
  local before, micros, id = string.match(member, '^(%d+) (%d+) (.+)$')
  return tonumber(before), tonumber(micros), id
end

local function taken_after(last)
  if not last then return 0 end
  local before, micros = read_taken(last)
  return before + micros
end

-- Micros that steals took within the window; one exactly as old as it still counts.
local function taken_within(window_ms)
  local key = PREFIX .. 'taken'
  local first = redis.call('ZRANGEBYSCORE', key, int(now_ms - window_ms), '+inf', 'LIMIT', '0', '1')[1]
  if not first then return 0 end
  return taken_after(redis.call('ZRANGE', key, '-1', '-1')[1]) - read_taken(first)
end
