-- sweep: periodic cleaning: expired leases and ended cooldowns of a quiet account, old history, old ended
-- orders, plans and bars, the ids of expired refusals. Bounded; call again while `more` is 1.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   limit   how many of each kind, 1 to 1000
--
-- Reply: swept steals orders plans more (0 | 1) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "book"
--- @include "barring"
--- @include "fights"
--- @include "waiting"
--- @include "watched-ends"

local function a_limit(text)
  local value = tonumber(text)
  if not string.find(text, '^%d+$') or value < 1 or value > 1000 then
    return nil, 'an integer from 1 to 1000'
  end
  return value
end
local args, refusal = read_arguments('sweep', 1, { 'limit', a_limit })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local settings = read_settings('history_ttl_ms', 'budget_window_ms')
local before = '(' .. int(now_ms - settings.history_ttl_ms)

set('kept_ms', health_ms) -- only keepers sweep, so a keeper is alive

local limit = int(args.limit)
local judged = end_watches(args.limit) + forget_judged(before, args.limit)

-- A call skips the steals that earlier ones had to leave, so that they do not block all later ones. A short
-- page ends the pass; the next call starts with the oldest again.
load_account({ 'steals_passed' })
local passed = number('steals_passed')
local old = redis.call('ZRANGEBYSCORE', PREFIX .. 'steals', '-inf', before, 'LIMIT', int(passed), limit)
local steals = 0
for _, member in ipairs(old) do
  local thief, victim, id = string.match(member, '^([^>]+)>([^#]+)#(.+)$')
  local record = redis.call('HMGET', PREFIX .. 'steal:' .. id, 'left', 'watch_until_ms')
  -- While a victim is being cancelled, the steal still holds the id of its outbox entry (I9).
  if tonumber(record[1] or 0) <= 0 then
    redis.call('ZREM', PREFIX .. 'steals', member)
    redis.call('ZREM', PREFIX .. 'fight:' .. pair_of(thief, victim), id)
    redis.call('ZREMRANGEBYSCORE', PREFIX .. 'robbers:' .. victim, '-inf', before)
    redis.call('ZREM', PREFIX .. 'robbed:' .. victim, thief .. '#' .. id)
    -- What it came to is kept for longer (watched).
    if not record[2] then redis.call('DEL', PREFIX .. 'steal:' .. id) end
    steals = steals + 1
  end
end
local passed_now = #old == args.limit and passed + #old - steals or 0
if passed_now ~= passed then set('steals_passed', passed_now) end
redis.call('ZREMRANGEBYSCORE', PREFIX .. 'fights', '-inf', int(now_ms))
redis.call('ZREMRANGEBYSCORE', PREFIX .. 'taken', '-inf',
  '(' .. int(now_ms - math.max(settings.history_ttl_ms, settings.budget_window_ms or 0)))

local ended = redis.call('ZRANGEBYSCORE', PREFIX .. 'ended', '-inf', before, 'LIMIT', '0', limit)
for _, id in ipairs(ended) do
  redis.call('DEL', PREFIX .. 'order:' .. id)
  redis.call('DEL', PREFIX .. 'client_id:' .. id)
end
if #ended > 0 then redis.call('ZREM', PREFIX .. 'ended', unpack(ended)) end

local dry_runs = redis.call('ZRANGEBYSCORE', PREFIX .. 'dry_runs', '-inf', before, 'LIMIT', '0', limit)
for _, id in ipairs(dry_runs) do redis.call('DEL', PREFIX .. 'dry_run:' .. id) end
if #dry_runs > 0 then redis.call('ZREM', PREFIX .. 'dry_runs', unpack(dry_runs)) end

local done = redis.call('ZRANGEBYSCORE', PREFIX .. 'plans_done', '-inf', before, 'LIMIT', '0', limit)
for _, id in ipairs(done) do redis.call('DEL', PREFIX .. 'plan:' .. id) end
if #done > 0 then redis.call('ZREM', PREFIX .. 'plans_done', unpack(done)) end

-- A refusal's record expires by itself, the earliest first.
for _, id in ipairs(redis.call('ZRANGE', PREFIX .. 'refusals', '0', int(args.limit - 1))) do
  if redis.call('EXISTS', PREFIX .. 'refusal:' .. id) == 1 then break end
  redis.call('ZREM', PREFIX .. 'refusals', id)
end

local bars = redis.call('ZRANGEBYSCORE', PREFIX .. 'bars', '-inf', before, 'LIMIT', '0', limit)
for _, name in ipairs(bars) do drop_bar(name) end
if #bars > 0 then count_bars() end

-- A pass over the queue, page by page: plans whose host is gone leave (turns).
if number('waiting') > 0 then
  load_account({ 'waits_cursor' })
  local cursor = string.match(account['waits_cursor'] or '0', '^%d+$') or '0'
  local page = redis.call('HSCAN', PREFIX .. 'waits', cursor, 'COUNT', limit)
  for i = 1, #page[2], 2 do
    local wait = read_wait(page[2][i + 1])
    if not wait then
      forget_queue()                       -- where its entries stand can't be told; hosts come again
      break
    end
    if is_over(page[2][i], wait) then leave_queue(page[2][i]) end
  end
  set('waits_cursor', page[1])
end

local function is_due(field, at_ms)
  return number(field) > 0 and number(field) <= at_ms
end
local more = #old == args.limit or #ended == args.limit or #done == args.limit or #dry_runs == args.limit
  or #bars == args.limit or judged >= args.limit
  or is_due('lease_due_ms', health_ms) or is_due('cooldown_due_ms', now_ms)
return reply('swept', 'steals', int(steals), 'orders', int(#ended), 'plans', int(#done),
  'more', more and '1' or '0')
