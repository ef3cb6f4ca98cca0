-- renew: a host renews the leases of its reservations and pending thieves.
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    owner       the host
-- ARGV[2]    lease_ms    ms of health time from now
-- ARGV[3..]  id          the orders, at most 500
--
-- What a victim's plan keeps (lua/include/keeping.lua) belongs to whoever holds the plan, so it is this
-- host's from now on.
--
-- Reply: renewed, lost: "id;..." (not this host's, ended, sent or at the broker already) | invalid

--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "leases"

local args, refusal = read_arguments('renew', 1, { 'owner', an_id, 'lease_ms', a_duration }, #ARGV)
if not args then return refusal end
if #ARGV > 502 then return invalid('renew', 'id', tostring(#ARGV - 2), 'at most 500 orders a call') end
for i = 3, #ARGV do
  local _, expected = an_id(ARGV[i])
  if expected then return invalid('renew', 'id', ARGV[i], expected) end
end
if not open_book() then return { 'renewed', 'lost', table.concat(ARGV, ';', 3) } end
local lost = {}
-- Does this host hold the plan for which the order was kept?
local function takes_over(id, plan)
  if redis.call('HGET', PREFIX .. 'plan:' .. plan, 'owner') ~= args.owner then return false end
  redis.call('HSET', PREFIX .. 'order:' .. id, 'owner', args.owner)
  return true
end

for i = 3, #ARGV do
  local held = redis.call('HMGET', PREFIX .. 'order:' .. ARGV[i], 'state', 'owner', 'sent_at_ms', 'kept_of',
    'plan')
  if (held[1] == 'reserved' or held[1] == 'pending') and not held[3]
    and (held[2] == args.owner or (held[4] and takes_over(ARGV[i], held[5]))) then
    put_lease(ARGV[i], health_ms + args.lease_ms)
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return reply('renewed', 'lost', table.concat(lost, ';'))
