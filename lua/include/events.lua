-- What happened, for those who wait for it and for those who ask why. A hint with a bounded length: the truth
-- is in the hashes.

--- @include "integers"
--- @include "account"
--- @include "clock"

local EVENTS_LIMIT = 20000

local function emit(kind, ...)
  redis.call('XADD', PREFIX .. 'events', 'MAXLEN', '~', EVENTS_LIMIT, '*', 'type', kind, 'at_ms', int(now_ms),
    ...)
end
