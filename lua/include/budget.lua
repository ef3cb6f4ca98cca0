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

local function put_taken(before, micros, id, at_ms)
  redis.call('ZADD', PREFIX .. 'taken', at_ms, string.format('%016.0f %016.0f %s', before, micros, id))
end

-- Adds `by` to what was taken before these: a flat list of members with their times.
local function shift_taken(list, by)
  for i = 1, #list, 2 do
    local before, micros, id = read_taken(list[i])
    redis.call('ZREM', PREFIX .. 'taken', list[i])
    put_taken(before + by, micros, id, list[i + 1])
  end
end

local function record_taken(id, micros, at_ms)
  local key = PREFIX .. 'taken'
  local last = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')
  local before = taken_after(last[1])
  if before + micros > MAX_INTEGER then
    local all = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    shift_taken(all, -read_taken(all[1]))
    before = taken_after(redis.call('ZRANGE', key, -1, -1)[1])
  end
  if last[2] and tonumber(last[2]) > at_ms then   -- a past steal that was not told in order (remember)
    local later = redis.call('ZRANGEBYSCORE', key, '(' .. int(at_ms), '+inf', 'WITHSCORES')
    before = read_taken(later[1])
    shift_taken(later, micros)
  end
  put_taken(before, micros, id, at_ms)
end

-- Is this past steal on record? A retry of `remember` changes nothing (I6).
local function is_taken(id, at_ms)
  for _, member in ipairs(redis.call('ZRANGEBYSCORE', PREFIX .. 'taken', int(at_ms), int(at_ms))) do
    local _, _, known = read_taken(member)
    if known == id then return true end
  end
  return false
end

-- Micros that steals took within the window; one exactly as old as it still counts.
local function taken_within(window_ms)
  local key = PREFIX .. 'taken'
  local first = redis.call('ZRANGEBYSCORE', key, int(now_ms - window_ms), '+inf', 'LIMIT', 0, 1)[1]
  if not first then return 0 end
  return taken_after(redis.call('ZRANGE', key, -1, -1)[1]) - read_taken(first)
end
