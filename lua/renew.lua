-- renew: a host renews the leases of its reservations and pending thieves.
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    owner       the host
-- ARGV[2]    lease_ms    ms of health time from now
-- ARGV[3..]  id          the orders, at most 500
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
for i = 3, #ARGV do
  local held = redis.call('HMGET', PREFIX .. 'order:' .. ARGV[i], 'state', 'owner', 'sent_at_ms')
  if (held[1] == 'reserved' or held[1] == 'pending') and held[2] == args.owner and not held[3] then
    put_lease(ARGV[i], health_ms + args.lease_ms)
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return reply('renewed', 'lost', table.concat(lost, ';'))
