-- A steal's life after its commit: pending -> granted | failed.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "server"
--- @include "events"
--- @include "leases"
--- @include "closures"
--- @include "orders"
--- @include "faults"

local function grant(thief, lease_ms)
  put_lease(thief.id, health_ms + lease_ms)
  thief.state = 'reserved'
  write_order(thief.id, 'state', 'reserved', 'held_micros', thief.held_micros,
    'held_pool_micros', thief.held_pool_micros, 'held_cash_micros', thief.held_cash_micros)
  redis.call('HSET', PREFIX .. 'steal:' .. thief.id, 'state', 'granted', 'ended_at_ms', int(now_ms))
  emit('granted', 'order', thief.id, 'symbol', thief.symbol, 'plan', thief.plan,
    'held_micros', int(thief.held_micros))
end

local function fail_steal(id, reason)
  redis.call('HSET', PREFIX .. 'steal:' .. id, 'state', 'failed', 'reason', reason,
    'ended_at_ms', int(now_ms))
  emit('steal_failed', 'order', id, 'reason', reason)
end

-- What a victim freed goes to its thief, as far as that lacks it; a thief that has all its room is granted.
-- An older copy may lack that a thief was granted, and sent: there it is not ended (I6, I8).
local function hand_on(id, victim, left, lease_ms, freed_total, freed_own, freed_cash)
  local thief = read_order(id)
  if not thief then
    fail_steal(id, 'the thief was lost')
    return lose_order(id)
  end
  if thief.state ~= 'pending' then return end
  give(thief, freed_total, thief.pool ~= '' and victim.pool == thief.pool and freed_own or 0, freed_cash)
  if left <= 0 and not is_covered(thief) then
    -- A victim filled, so its room is gone. Room that came free elsewhere may still cover the thief.
    give(thief, math.huge, math.huge, math.huge)
  end
  if is_covered(thief) then
    grant(thief, lease_ms)
  elseif left <= 0 and ((account['server_id'] or '') == '' or same_server()) then
    fail_steal(id, 'a victim was filled')
    end_order(thief, 'rejected', 'steal_failed')
  else
    write_order(id, 'held_micros', thief.held_micros, 'held_pool_micros', thief.held_pool_micros,
      'held_cash_micros', thief.held_cash_micros)
  end
end

-- A victim has ended. The caller took its freed room off the totals; it is handed on here.
local function victim_ended(victim, freed_total, freed_own, freed_cash)
  local id = victim.robbed_by
  local key = PREFIX .. 'steal:' .. id
  if redis.call('EXISTS', key) == 0 then
    -- The steal's record is gone. A thief that is still pending is given up when the book is rebuilt; one
    -- that ended needs nothing.
    if redis.call('HGET', PREFIX .. 'order:' .. id, 'state') == 'pending' then
      close_account('fault', 'steal ' .. id .. ' has no record')
      set('synced_at_ms', 0)
    end
    return
  end
  local left = redis.call('HINCRBY', key, 'left', '-1')
  local steal = redis.call('HMGET', key, 'state', 'lease_ms', 'outbox', 'kept')
  if left <= 0 and steal[3] then redis.call('XDEL', PREFIX .. 'outbox', steal[3]) end
  if steal[1] == 'pending' then
    hand_on(id, victim, left, tonumber(steal[2]), freed_total, freed_own, freed_cash)
  end
  if steal[4] then
    --- @include "keeping"
    keep_part(id, victim, left, freed_total, freed_own, freed_cash)
  end
end
