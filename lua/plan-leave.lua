-- plan-leave: plans of a host wait for room no more: their price left the entry tolerance, or they can't come
-- now although it is their turn. Without plans it only brings the book up to date: who did not come in time
-- is passed over, and the next are named (lua/include/turns.lua).
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    owner   the host
-- ARGV[2..]  id      the plans, at most 500
--
-- Reply: left count (how many waited) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "waiting"
--- @include "hosts-heard"

local args, refusal = read_arguments('plan-leave', 1, { 'owner', an_id }, #ARGV)
if not args then return refusal end
if #ARGV > 501 then return invalid('plan-leave', 'id', tostring(#ARGV - 1), 'at most 500 plans a call') end
for i = 2, #ARGV do
  local _, expected = an_id(ARGV[i])
  if expected then return invalid('plan-leave', 'id', ARGV[i], expected) end
end
if not open_book() then return { 'unknown', 'account', PREFIX } end
note_heard(args.owner)
local left = 0
for i = 2, #ARGV do
  if redis.call('HGET', PREFIX .. 'plan:' .. ARGV[i], 'owner') == args.owner and leave_queue(ARGV[i]) then
    left = left + 1
  end
end
return reply('left', 'count', int(left))
