-- plan-close: a person wants a plan closed: it enters no more, and what it holds is closed at a marketable
-- limit. A plan that waits and that no host holds ends here. Any other is marked, and its watcher acts.
-- Repeating it changes nothing, unless a person has cancelled the closing order since then: the pause after
-- that ends.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id   the plan
-- ARGV[2]   by   the person, such as user@host; '' if unknown
--
-- Reply: withdrawn | asked | exists stage (it has ended, or was asked to close before) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "plans"
--- @include "waiting"

local args, refusal = read_arguments('plan-close', 1, { 'id', an_id, 'by', a_person })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local key = PREFIX .. 'plan:' .. args.id
local plan = redis.call('HMGET', key, 'stage', 'owner', 'ended_at_ms', 'close_asked_ms', 'exit_attempt',
  'symbol')
if not plan[1] then return reply('unknown', 'plan', args.id) end
if plan[3] then return reply('exists', 'stage', plan[1]) end
if plan[4] then
  local exit = redis.call('HMGET', PREFIX .. 'order:' .. args.id .. '_x' .. (plan[5] or '0'), 'reason',
    'ended_at_ms')
  local cancelled_since = exit[1] == 'by_hand' and (tonumber(exit[2]) or 0) > (tonumber(plan[4]) or 0)
  if not cancelled_since then return reply('exists', 'stage', plan[1]) end
end
redis.call('HSET', key, 'stopped_by', args.by)
if plan[1] == 'waiting' and (plan[2] or '') == '' then
  finish_plan(args.id, plan[6], 'withdrawn', 'by_hand')
  return reply('withdrawn')
end
leave_queue(args.id)
redis.call('HSET', key, 'close_asked_ms', int(now_ms))
emit('plan_close_asked', 'plan', args.id, 'by', args.by, 'since_ms', int(now_ms))
return reply('asked')
