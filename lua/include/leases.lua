-- leases: zset of orders that are reserved or pending, by the health time until which their owner holds them.

--- @include "integers"
--- @include "account"

local function put_lease(id, until_ms)
  redis.call('ZADD', PREFIX .. 'leases', int(until_ms), id)
  local due = number('lease_due_ms')
  if due == 0 or until_ms < due then set('lease_due_ms', until_ms) end
end

local function drop_lease(id)
  redis.call('ZREM', PREFIX .. 'leases', id)
end

-- After due ones were handled: when to look again.
local function set_lease_due()
  local first = redis.call('ZRANGE', PREFIX .. 'leases', 0, 0, 'WITHSCORES')
  set('lease_due_ms', first[2] and tonumber(first[2]) or 0)
end
