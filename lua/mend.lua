-- mend: empties a damaged book of what the broker can report again (orders, positions, sums, indexes), one
-- page of the keyspace at a time. What only the book knows stays: settings, plans (unfinished ones are listed
-- again), steal history, cooldowns, the halt, what bots call their orders. A key that stays but has the wrong
-- type is deleted. The keeper then rebuilds the book like a lost one (I7, I8).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   cursor   0 first, then the last page's; a page that returns 0 is the last
--
-- Reply: mended cursor removed | exists (it is not damaged) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "closures"
--- @include "plan-symbols"
--- @include "watched-ends"

local PAGE = 1000
-- The keys that stay, with their types, by the part of the name up to the first colon. `any`: BullMQ's.
local STAYS = { account = 'hash', settings = 'hash', closures = 'hash', plan = 'hash', plans = 'zset',
  plans_done = 'zset', plan_totals = 'hash', planned = 'hash', forecasts = 'hash', hosts = 'zset',
  host = 'hash',
  events = 'stream', steal = 'hash', steals = 'zset', fight = 'zset', fights = 'zset', fighting = 'zset',
  cooldowns = 'zset', robbers = 'zset', robbed = 'zset', often_robbed = 'zset', taken = 'zset',
  judged = 'zset', regrets = 'hash',
  refusal = 'hash', refusals = 'zset', dry_run = 'hash', dry_runs = 'zset', quotes = 'hash', vip = 'set',
  attempts = 'hash', bars = 'zset', bar = 'hash',
  halts = 'list', client_id = 'string', posting = 'string', limiter = 'zset', mutex = 'string',
  mutex_waiting = 'zset', keeper = 'string', cancel = 'any' }

local args, refusal = read_arguments('mend', 1, { 'cursor', an_amount })
if not args then return refusal end
-- A key of another type in place of the account is deleted; configure creates the account again.
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', KEYS[1]) end
load_book()
if not account['state'] then return { 'unknown', 'account', PREFIX } end
if account['damaged'] ~= '1' then return reply('exists') end
read_clock()

-- The record of its victims' cancellations goes with the book.
local function end_steal(id)
  local key = PREFIX .. 'steal:' .. id
  local steal = redis.call('HMGET', key, 'state', 'left', 'watch_until_ms', 'watch')
  if steal[1] == 'pending' then
    redis.call('HSET', key, 'state', 'failed', 'reason', 'the ledger was damaged', 'ended_at_ms', int(now_ms))
  end
  if steal[2] then redis.call('HSET', key, 'left', '0') end
  -- Nobody watches it any more (watched).
  if steal[3] then
    if not steal[4] then redis.call('HSET', key, 'watch', 'lost') end
    redis.call('ZADD', PREFIX .. 'judged', 'NX', int(tonumber(steal[3]) or now_ms), id)
  end
end

-- An unfinished plan is listed again; any host may take it.
local function list_plan(id)
  local plan = redis.call('HMGET', PREFIX .. 'plan:' .. id, 'stage', 'ended_at_ms')
  if plan[1] and not plan[2] then redis.call('ZADD', PREFIX .. 'plans', 'NX', '0', id) end
end

-- list_plan and end_steal need sorted sets.
local type_of_list, type_of_judged = redis.call('TYPE', PREFIX .. 'plans').ok,
  redis.call('TYPE', PREFIX .. 'judged').ok
if type_of_list ~= 'zset' and type_of_list ~= 'none' then redis.call('DEL', PREFIX .. 'plans') end
if type_of_judged ~= 'zset' and type_of_judged ~= 'none' then redis.call('DEL', PREFIX .. 'judged') end
-- Leases that Redis itself expires: the mutexes, and BullMQ's locks of jobs and of its check for stalled
-- ones. After the clock was set back, an older one could last too long. Its holder, if alive, renews it.
local LONGEST_LEASE_MS = 10000
local LEASED = { mutex = true, keeper = true, cancel = true }

local removed = 0
local page = redis.call('SCAN', ARGV[1], 'MATCH', PREFIX .. '*', 'COUNT', PAGE)
for _, found in ipairs(page[2]) do
  local family = string.match(string.sub(found, #PREFIX + 1), '^[^:]+')
  local type_of = redis.call('TYPE', found).ok
  local wanted = STAYS[family]
  if wanted ~= 'any' and type_of ~= wanted then
    redis.call('DEL', found)
    removed = removed + 1
  elseif LEASED[family] and redis.call('PTTL', found) > LONGEST_LEASE_MS then
    redis.call('PEXPIRE', found, LONGEST_LEASE_MS)
  elseif family == 'steal' then
    end_steal(string.sub(found, #PREFIX + 7))
  elseif family == 'plan' then
    list_plan(string.sub(found, #PREFIX + 6))
  end
end
if page[1] == '0' then
  recount_regrets()
  -- It stays closed for the recorded causes, and for the fault until it is rebuilt.
  redis.call('HSETNX', PREFIX .. 'closures', 'fault', int(health_ms) .. ' the ledger was damaged')
  for pool in string.gmatch(redis.call('HGET', KEYS[1], 'pools') or 'total', '[^;]+') do
    redis.call('HSET', KEYS[1], 'orders_micros:' .. pool, '0', 'positions_micros:' .. pool, '0')
  end
  redis.call('HSET', KEYS[1], 'orders_micros:cash', '0', 'damaged', '', 'synced_at_ms', '0',
    'lease_due_ms', '0', 'cooldown_due_ms', '1', 'tracked', '0', 'far', '0', 'waiting', '0',
    'turn_due_ms', '0', 'barred', int(redis.call('ZCARD', PREFIX .. 'bars')))
  local ended = tonumber(redis.call('HGET', PREFIX .. 'plan_totals', 'ended')) or 0
  redis.call('HSET', PREFIX .. 'plan_totals', 'ended', int(ended),
    'filed', int(ended + redis.call('ZCARD', PREFIX .. 'plans')))
  distrust_plan_symbols()
  redis.call('HDEL', KEYS[1], 'steals_passed', 'recalled', 'rebuilt_ms', 'sync_started_ms', 'settling',
    'generation', 'health_high_ms', 'thieves_at', 'turns_named', 'turns_passed_over')
  -- Reported again before the account opens.
  redis.call('HDEL', KEYS[1], 'cap_micros:cash', 'cash_seen_micros', 'cash_seen_ms', 'cash_told_ms')
  local causes = redis.call('HKEYS', PREFIX .. 'closures')
  redis.call('HSET', KEYS[1], 'closed_by', table.concat(causes, ';'))
  emit('mended')
end
return { 'mended', 'cursor', page[1], 'removed', int(removed) }
