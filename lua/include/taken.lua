-- Records what a steal took (budget).

--- @include "integers"
--- @include "account"
--- @include "budget"

local function put_taken(before, micros, id, at_ms)
  redis.call('ZADD', PREFIX .. 'taken', int(at_ms), string.format('%016d %016d %s', before, micros, id))
end

-- Adds `by` to what was taken before these: a flat list of members with their times.
local function shift_taken(list, by)
  for i = 1, #list, 2 do
    local before, micros, id = read_taken(list[i])
    redis.call('ZREM', PREFIX .. 'taken', list[i])
    put_taken(before + by, micros, id, tonumber(list[i + 1]))
  end
end

local function record_taken(id, micros, at_ms)
  local key = PREFIX .. 'taken'
  local last = redis.call('ZRANGE', key, '-1', '-1', 'WITHSCORES')
  local before = taken_after(last[1])
  if before + micros > MAX_INTEGER then
    local all = redis.call('ZRANGE', key, '0', '-1', 'WITHSCORES')
    shift_taken(all, -read_taken(all[1]))
    before = taken_after(redis.call('ZRANGE', key, '-1', '-1')[1])
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
