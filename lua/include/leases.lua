-- leases: zset of reserved and pending orders, by the health time at which their owner's lease ends.

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

-- Sets when the next lease is due.
local function set_lease_due()
  local first = redis.call('ZRANGE', PREFIX .. 'leases', '0', '0', 'WITHSCORES')
  set('lease_due_ms', first[2] and tonumber(first[2]) or 0)
end
