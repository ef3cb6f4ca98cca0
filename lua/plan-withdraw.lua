-- plan-withdraw: the planner, or a person, no longer wants a plan. A plan that waits and that no host holds
-- ends here. Any other is marked, and its watcher withdraws the entry. A filled position keeps its exit.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id       the plan
-- ARGV[2]   reason   one word for the record
-- ARGV[3]   by       the person who asks, such as user@host; '' for the planner
--
-- Reply: withdrawn | asked | exists stage | unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "plans"

local args, refusal = read_arguments('plan-withdraw', 1, { 'id', an_id, 'reason', any_text, 'by', a_person })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local plan = redis.call('HMGET', PREFIX .. 'plan:' .. args.id, 'stage', 'owner', 'ended_at_ms', 'symbol')
if not plan[1] then return reply('unknown', 'plan', args.id) end
if plan[3] then return reply('exists', 'stage', plan[1]) end
if args.by ~= '' then redis.call('HSET', PREFIX .. 'plan:' .. args.id, 'stopped_by', args.by) end
if withdraw_plan(args.id, plan[4], plan[1], plan[2], args.reason) then return reply('withdrawn') end
return reply('asked')
