-- The event stream, for processes that wait and for people who investigate. It is a hint of bounded length;
-- the hashes are authoritative.

--- @include "integers"
--- @include "account"
--- @include "clock"

local EVENTS_LIMIT = 20000

-- An event that moves room has `totals`, "cap positions orders" of the pool total after it in micro-USD, so
-- that the stream alone tells how full the account was.
local function emit(kind, ...)
  local fields = { 'type', kind, 'at_ms', int(now_ms), ... }
  local moving = ' reserved stolen granted fill ended adopted amended rebuilt '
  if string.find(moving, ' ' .. kind .. ' ', 1, true) then
    room('total')                                 -- loads the three
    fields[#fields + 1] = 'totals'
    fields[#fields + 1] = int(number('cap_micros:total')) .. ' ' .. int(number('positions_micros:total'))
      .. ' ' .. int(number('orders_micros:total'))
  end
  redis.call('XADD', PREFIX .. 'events', 'MAXLEN', '~', EVENTS_LIMIT, '*', unpack(fields))
end
