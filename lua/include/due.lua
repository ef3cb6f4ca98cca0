-- Every command first brings the book up to date, in bounded steps. Three due times in the account hash gate
-- this, so that a call with nothing due pays nothing.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "server"

local DUE_LIMIT = '128'

local function bring_up_to_date()
  local lease_due, cooldown_due = number('lease_due_ms'), number('cooldown_due_ms')
  -- An older copy of the book may lack that an order was sent: none ends as unsent before the keeper has
  -- reconciled.
  local leases_due = lease_due > 0 and health_ms >= lease_due
    and ((number('synced_at_ms') == 0 and (account['server_id'] or '') == '') or same_server())
  local cooldowns_due = cooldown_due > 0 and now_ms >= cooldown_due
  local turn_due = number('turn_due_ms')
  local turns_due = turn_due > 0 and health_ms >= turn_due
  if not leases_due and not cooldowns_due and not turns_due then return end

  -- Included only here: in a script, to make these functions is most of the cost of a call with nothing due.
  --- @include "eligibility"
  --- @include "ranking"
  --- @include "leases"
  --- @include "orders"
  --- @include "steals"
  --- @include "faults"
  --- @include "turns"

  -- A lease ended: its owner is gone. An order that was never sent is released. One that was sent stays
  -- reserved until the broker answers (I4), and is marked for the keeper to query.
  local function expire_leases()
    local due = redis.call('ZRANGEBYSCORE', PREFIX .. 'leases', '-inf', int(health_ms), 'LIMIT', '0',
      DUE_LIMIT)
    for _, id in ipairs(due) do
      local order = read_order(id)
      if not order then
        lose_order(id)
      elseif order.sent_at_ms > 0 then
        drop_lease(id)
        write_order(id, 'unclear', 1)
      else
        if order.state == 'pending' then fail_steal(id, 'the thief was gone') end
        end_order(order, 'expired', 'lease_ended')
      end
    end
    set_lease_due()
  end

  -- Removes the due members of a sorted set, and calls end_one(member) for each.
  local function end_protections(key, end_one)
    local due = redis.call('ZRANGEBYSCORE', PREFIX .. key, '-inf', int(now_ms), 'LIMIT', '0', DUE_LIMIT)
    if #due == 0 then return end
    redis.call('ZREM', PREFIX .. key, unpack(due))
    for _, member in ipairs(due) do end_one(member) end
  end

  local function offer_by_id(id)
    local order = read_order(id)
    if order and order.rank == '' and not exemption(order) then offer_again(order) end
  end

  local function set_cooldown_due()
    local soonest = 0
    for _, key in ipairs({ 'protected_until', unpack(SYMBOL_PROTECTIONS) }) do
      local first = redis.call('ZRANGE', PREFIX .. key, '0', '0', 'WITHSCORES')
      local at = tonumber(first[2])
      if at and (soonest == 0 or at < soonest) then soonest = at end
    end
    set('cooldown_due_ms', soonest)
  end

  if leases_due then expire_leases() end
  if turns_due then pass_over() end
  if cooldowns_due then
    end_protections('protected_until', offer_by_id)
    for _, key in ipairs(SYMBOL_PROTECTIONS) do end_protections(key, refresh_symbol) end
    set_cooldown_due()
  end
end
