-- plan-claim: a host leases free plans, and plans whose lease has ended.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   owner      the host
-- ARGV[2]   lease_ms   ms of health time
-- ARGV[3]   limit      how many at most, 1 to 500
--
-- Reply: claimed, health_ms, {{field, value, ...}, ...} | unknown | invalid
--   Each plan also has wait_ms, pause_left_ms (lua/include/paces.lua)

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "paces"
--- @include "plan-symbols"
--- @include "waiting"
--- @include "hosts-heard"

local function a_limit(text)
  local value = tonumber(text)
  if not string.find(text, '^%d+$') or value < 1 or value > 500 then
    return nil, 'an integer from 1 to 500'
  end
  return value
end
local args, refusal = read_arguments('plan-claim', 1,
  { 'owner', an_id, 'lease_ms', a_duration, 'limit', a_limit })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
note_heard(args.owner)
local plans = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', PREFIX .. 'plans', '-inf', int(health_ms), 'LIMIT', '0',
  int(args.limit))) do
  local key = PREFIX .. 'plan:' .. id
  if redis.call('HEXISTS', key, 'stage') == 1 then
    leave_queue(id)
    redis.call('ZADD', PREFIX .. 'plans', int(health_ms + args.lease_ms), id)
    redis.call('HSET', key, 'owner', args.owner)
    local fields, plan = redis.call('HGETALL', key), {}
    for i = 1, #fields, 2 do plan[fields[i]] = fields[i + 1] end
    local waits = { 'wait_ms', int(wait_of(plan.stage, plan.entry_due_ms, plan.exit_due_ms)), 'pause_left_ms',
      int(pause_left_of(plan.paused_until_ms)) }
    for _, text in ipairs(waits) do fields[#fields + 1] = text end
    plans[#plans + 1] = fields
  else
    -- Its record is gone: its planner files it again.
    redis.call('ZREM', PREFIX .. 'plans', id)
    distrust_plan_symbols()               -- its symbol is not known
    redis.call('HINCRBY', PREFIX .. 'plan_totals', 'ended', '1')
    emit('plan_lost', 'plan', id)
  end
end
return reply('claimed', int(health_ms), plans)
