-- The event stream, for processes that wait and for people who investigate. It is a hint of bounded length;
-- the hashes are authoritative.

--- @include "integers"
--- @include "account"
--- @include "clock"

local EVENTS_LIMIT = '20000'

local MOVES_ROOM = { reserved = true, stolen = true, granted = true, fill = true, ended = true,
  adopted = true, amended = true, rebuilt = true }

-- An event that moves room has `totals`, "cap positions orders" of the pool total after it in micro-USD, so
-- that the stream alone tells how full the account was.
local function emit(kind, ...)
  local key, at_ms = PREFIX .. 'events', int(now_ms)
  if not MOVES_ROOM[kind] then
    redis.call('XADD', key, 'MAXLEN', '~', EVENTS_LIMIT, '*', 'type', kind, 'at_ms', at_ms, ...)
    return
  end
  local totals = int(number('cap_micros:total')) .. ' ' .. int(number('positions_micros:total')) .. ' '
    .. int(number('orders_micros:total'))
  redis.call('XADD', key, 'MAXLEN', '~', EVENTS_LIMIT, '*', 'type', kind, 'at_ms', at_ms,
    'totals', totals, ...)
end
