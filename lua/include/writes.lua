-- Notes whether a call has written yet: a command that is refused before that has damaged nothing (guard).

local WRITES = { DEL = true, HDEL = true, HINCRBY = true, HSET = true, HSETNX = true, LPUSH = true,
  LTRIM = true, PEXPIRE = true, SADD = true, SREM = true, XADD = true, XDEL = true, ZADD = true,
  ZPOPMIN = true, ZREM = true, ZREMRANGEBYSCORE = true }

-- Returns `redis` as a command uses it, and a function: has it written since the last time it was asked?
-- After the first write its calls go straight to the server.
local function watched(server)
  local call = server.call
  local ours = { call = call, pcall = server.pcall, error_reply = server.error_reply }
  local function watch(name, ...)
    if not WRITES[name] then return call(name, ...) end
    local answer = call(name, ...)
    ours.call = call
    return answer
  end
  local function has_written()
    local wrote = ours.call == call
    ours.call = watch
    return wrote
  end
  return ours, has_written
end
