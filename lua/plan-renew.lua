-- plan-renew: a host renews the leases of its plans, or gives them back (lease_ms 0).
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    owner      the host
-- ARGV[2]    lease_ms   ms of health time from now; 0 frees them
-- ARGV[3..]  id         the plans, at most 500
--
-- Reply: renewed, lost: "id;..." (ended, or held by another host now) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "waiting"
--- @include "hosts-heard"

local args, refusal = read_arguments('plan-renew', 1, { 'owner', an_id, 'lease_ms', a_duration }, #ARGV)
if not args then return refusal end
if #ARGV > 502 then return invalid('plan-renew', 'id', tostring(#ARGV - 2), 'at most 500 plans a call') end
for i = 3, #ARGV do
  local _, expected = an_id(ARGV[i])
  if expected then return invalid('plan-renew', 'id', ARGV[i], expected) end
end
if not open_book() then return { 'unknown', 'account', PREFIX } end
note_heard(args.owner)
local lost = {}
for i = 3, #ARGV do
  local plan = redis.call('HMGET', PREFIX .. 'plan:' .. ARGV[i], 'owner', 'ended_at_ms')
  if plan[1] == args.owner and not plan[2] then
    local until_ms = args.lease_ms == 0 and 0 or health_ms + args.lease_ms
    redis.call('ZADD', PREFIX .. 'plans', int(until_ms), ARGV[i])
    if args.lease_ms == 0 then
      redis.call('HSET', PREFIX .. 'plan:' .. ARGV[i], 'owner', '')
      leave_queue(ARGV[i])
    end
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return reply('renewed', 'lost', table.concat(lost, ';'))
