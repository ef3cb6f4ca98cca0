-- plan-note: the watcher that holds a plan records its progress. The record decides where another host would
-- continue. A higher attempt begins with this call; the reply says how long its order must wait
-- (lua/include/paces.lua).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   owner     the host
-- ARGV[2]   id        the plan
-- ARGV[3]   stage     waiting | entering | holding | exiting | done | withdrawn | expired; the last three are
--                     final
-- ARGV[4]   attempt   of its entry, from 1; never falls
-- ARGV[5]   exit_attempt   of its exit, from 0; never falls
-- ARGV[6]   reason    one word for the record, or ''
-- ARGV[7]   held_since_ms   ledger time of its first fill; 0: now, or while it enters, none yet. The first
--                           value stays until it waits again
-- ARGV[8]   paused_for   why the broker refused its last order, one word; '' for no pause
-- ARGV[9]   pause_ms     ms of health time that the pause lasts; 0 for none
-- ARGV[10]  refused      how often in a row the broker refused its orders; 0 without a pause
--
-- Reply: noted wait_ms | lost (another host holds it now, or it ended) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "plans"
--- @include "paces"
--- @include "waiting"
--- @include "hosts-heard"

local STAGES = { waiting = 1, entering = 1, holding = 1, exiting = 1, done = 2, withdrawn = 2, expired = 2 }
local function a_stage(text)
  if not STAGES[text] then return nil, 'waiting, entering, holding, exiting, done, withdrawn or expired' end
  return text
end
local args, refusal = read_arguments('plan-note', 1, { 'owner', an_id, 'id', an_id, 'stage', a_stage,
  'attempt', an_amount, 'exit_attempt', an_amount, 'reason', any_text, 'held_since_ms', an_amount,
  'paused_for', any_text, 'pause_ms', a_duration, 'refused', an_amount })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local key = PREFIX .. 'plan:' .. args.id
local plan = redis.call('HMGET', key, 'owner', 'ended_at_ms', 'attempt', 'exit_attempt', 'held_since_ms',
  'entry_due_ms', 'exit_due_ms', 'paused_for', 'refused', 'symbol')
if not plan[1] then return reply('unknown', 'plan', args.id) end
if plan[1] ~= args.owner or plan[2] then return reply('lost') end
note_heard(args.owner)
if args.stage ~= 'waiting' then leave_queue(args.id) end
local attempt, exit_attempt = tonumber(plan[3] or 1) or 1, tonumber(plan[4] or 0) or 0
local entry_due_ms, exit_due_ms = tonumber(plan[6]), tonumber(plan[7])
if args.attempt > attempt then
  -- The first attempt begins without a note.
  entry_due_ms = begin_attempt(entry_due_ms or begin_attempt())
  redis.call('HSET', key, 'entry_due_ms', int(entry_due_ms))
end
if args.exit_attempt > exit_attempt then
  exit_due_ms = begin_attempt(exit_due_ms)
  redis.call('HSET', key, 'exit_due_ms', int(exit_due_ms))
end
if args.paused_for ~= '' then
  redis.call('HSET', key, 'paused_for', args.paused_for, 'paused_until_ms', int(health_ms + args.pause_ms),
    'refused', int(args.refused))
elseif args.stage == 'holding' and plan[9] then
  redis.call('HDEL', key, 'paused_for', 'paused_until_ms', 'refused')
elseif plan[8] then
  redis.call('HDEL', key, 'paused_for')
end
redis.call('HSET', key, 'stage', args.stage, 'attempt', math.max(args.attempt, attempt),
  'exit_attempt', math.max(args.exit_attempt, exit_attempt), 'noted_at_ms', now_ms)
local part_held = args.stage == 'entering' and args.held_since_ms > 0
if args.stage == 'waiting' and plan[5] then redis.call('HDEL', key, 'held_since_ms') end
if (part_held or args.stage == 'holding' or args.stage == 'exiting') and not plan[5] then
  local since_ms = args.held_since_ms == 0 and now_ms or math.min(args.held_since_ms, now_ms)
  redis.call('HSET', key, 'held_since_ms', int(since_ms))
end
if STAGES[args.stage] == 2 then finish_plan(args.id, plan[10], args.stage, args.reason) end
return reply('noted', 'wait_ms', int(wait_of(args.stage, entry_due_ms, exit_due_ms)))
