-- The event stream, for processes that wait and for people who investigate. It is a hint of bounded length;
-- the hashes are authoritative.

--- @include "integers"
--- @include "account"
--- @include "clock"

local EVENTS_LIMIT = 20000

local function emit(kind, ...)
  redis.call('XADD', PREFIX .. 'events', 'MAXLEN', '~', EVENTS_LIMIT, '*', 'type', kind, 'at_ms', int(now_ms),
    ...)
end
