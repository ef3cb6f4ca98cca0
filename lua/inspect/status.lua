-- status: an account's room, orders and plans, who may be taken now, what is protected, and what waits.
--
--   redis-cli --eval lua/redis-cli/status.lua ws:{demo}:account
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the tables; left out: lines for
--                                   people
--            LIMIT                  live orders and plans that are looked at, 600 by default, at most 20000
--
-- Reads only (EVAL_RO will do) and looks at no more than LIMIT of anything.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "halts"
--- @include "status-admission"
--- @include "status-doubts"
--- @include "status-book"
--- @include "status-rules"
--- @include "status-steals"
--- @include "status-hosts"
--- @include "status-outbox"
--- @include "status-queue"
--- @include "watches"

local LOOK = limit_of(600, 20000)
if words[1] then return stray(words[1], 'a limit') end
local DIFFERING_SHOWN = 10

local function health_since(ms) return duration(math.max(0, health_ms - ms)) end

-- The cash left to buy crypto.
local function cash_words()
  local held = micros('orders_micros:cash')
  if not account['cap_micros:cash'] then return 'no limit is known; crypto orders hold ' .. usd(held) end
  local cap = micros('cap_micros:cash')
  return usd(cap - held) .. ' left for crypto, of ' .. usd(cap)
end

local function within(share) return tonumber(share) and percent(tonumber(share)) or share .. ' distance' end
local function yes_or_no(flag) return flag and 'yes' or 'no' end

local answers, told, loss_wait_ms = admitting()
local gone = keeper_gone()
local hosts, differing, watching = host_rows()
local until_ms = tonumber(watching.until_ms)
local synced = tonumber(account.synced_at_ms or 0)
local speed = ''
if account.clock_mode == 'scaled' then speed = ' (x ' .. account.clock_scale .. ')' end
if account.clock_mode == 'manual' then speed = ' (set by hand)' end
local failed_at_ms, failed_text, failure = failure_words()
local stealing = settings.enabled ~= '1' and 'off' or settings.dry_run == '1' and 'dry run' or 'on'
local outbox, oldest_ms, paused, outbox_words = outbox_state()
local bars, bar_count = bar_rows()
local waiting, best_waiting, waiting_words = queue_state()
local steals, steal_count, more_steals = steal_counts()
local further, taken_micros, budget_micros = further_rules()
local judged, judged_regret, judged_gain = judged_today()
local dry_runs = redis.call('ZCOUNT', PREFIX .. 'dry_runs', int(now_ms - 3600000), '+inf')
local live, plans = redis.call('SCARD', PREFIX .. 'live'), redis.call('ZCARD', PREFIX .. 'plans')
local states, looked = order_rows(LOOK)

add_facts(nil, { { 'account', 'account', account_name, account_name .. ', ' .. account.state },
  { 'broker', 'brokerAccount', account.broker_account or '', (account.broker_account or '') == ''
  and 'no account of the broker yet' or 'account ' .. account.broker_account },
  { 'time', 'nowMs', now_ms, iso(now_ms) .. speed },
  { 'session', 'session', watching.session, watching.session and 'New York ' .. watching.session .. ' until '
  .. iso(until_ms) or 'no watcher says' }, { 'admits', 'admits', answers, told },
  { 'keeper', 'keeper', gone and 'none' or 'active', gone or 'active' },
  { 'synced', 'syncedAtMs', synced, synced == 0 and 'never' or iso(synced) .. ', '
  .. duration(health_ms - synced) .. ' ago; generation ' .. (account.generation or '0') },
  { 'last failure', 'failedAtMs', failed_at_ms, failed_text },
  { 'equity', 'equityMicros', micros('equity_micros'), usd(micros('equity_micros'))
  .. (micros('equity_held_back_micros') > 0 and '; the broker told ' .. usd(micros('equity_held_back_micros'))
  .. ', held back until worksteal accept equity' or '') },
  { 'cash', 'cashRoomMicros', account['cap_micros:cash']
  and micros('cap_micros:cash') - micros('orders_micros:cash') or nil, cash_words() },
  { 'stealing', 'stealing', stealing,
  string.format('%s; policy %s, gate %s, protection %s, %s x better, cooldown %s', stealing, settings.policy,
  percent(tonumber(settings.gate)), percent(tonumber(settings.protection)), settings.improvement,
  duration(tonumber(settings.cooldown_ms))) .. (#further > 0 and '; ' .. table.concat(further, '; ') or '') },
  { 'settings', 'fingerprint', settings.fingerprint, settings.fingerprint
  .. (#differing == 0 and '' or '; ' .. int(#differing) .. ' of ' .. int(#hosts)
  .. ' hosts use other settings and do not steal; hosts with other pools enter nothing: '
  .. table.concat(differing, ', ', 1, math.min(#differing, DIFFERING_SHOWN))) },
  { 'steals', 'stealsLastHour', steal_count,
  string.format('%s%d in the last hour: %d granted, %d pending, %d failed%s%s', more_steals and 'more than '
  or '', steal_count, steals.granted, steals.pending, steals.failed, dry_runs > 0 and '; ' .. int(dry_runs)
  .. ' orders would have stolen in a dry run' or '', judged > 0 and '; known today of ' .. int(judged)
  .. ': gain ' .. cents(judged_gain) .. ', regret ' .. cents(judged_regret) or '') },
  { 'waiting', 'waiting', waiting, waiting_words },
  { 'barred', 'barred', bar_count, bar_words(bars, bar_count) },
  { 'outbox', 'outbox', outbox, outbox_words } })
add_value('serverNowMs', health_ms)
add_value('state', account.state)
add_value('equityHeldBackMicros', micros('equity_held_back_micros'))
add_value('cashCapMicros', account['cap_micros:cash'] and micros('cap_micros:cash') or nil)
add_value('cashHeldMicros', micros('orders_micros:cash'))
local bar_list = {}
for i, row in ipairs(bars) do
  bar_list[i] = { { 'plan', row[1] }, { 'cause', row[2] }, { 'reason', row[3] }, { 'times', row[4] },
    { 'untilMs', row[5] } }
end
add_value('bars', { list = bar_list })
add_value('bestWaiting', best_waiting)
add_value('turnsNamed', tonumber(account.turns_named or 0))
add_value('turnsPassedOver', tonumber(account.turns_passed_over or 0))
add_value('keeperSeenMs', tonumber(account.kept_ms))
add_value('admitsUntilMs', answers == 'yes' and synced + tonumber(account.sync_max_age_ms) or nil)
add_value('probeAtMs', probe_ms())
add_value('lossWaitMs', loss_wait_ms)
add_value('failure', failure)
add_value('sessionUntilMs', until_ms)
add_value('outboxOldestMs', oldest_ms)
add_value('cancelQueuePaused', paused and 'yes' or 'no')
add_value('steals', { { 'granted', steals.granted }, { 'pending', steals.pending },
  { 'failed', steals.failed } })
add_value('judgedToday', { { 'steals', judged }, { 'regret', judged_regret }, { 'gain', judged_gain } })
add_value('furtherRules', { list = further })
add_value('takenMicros', taken_micros)
add_value('budgetMicros', budget_micros)
add_value('brokerCountMicros', tonumber(account.counted_micros))
add_value('dryRunsLastHour', dry_runs)
add_value('liveOrders', live)
add_value('unfinishedPlans', plans)

add_table('pools', 'pools', { { 'POOL', 'pool', nil, 1 }, { 'LEVERAGE', 'leverage', nil, 6 },
  { 'CAP', 'capMicros', usd, 3 }, { 'POSITIONS', 'positionsMicros', usd, 5 },
  { 'ORDERS', 'ordersMicros', usd, 4 }, { 'ROOM', 'roomMicros', usd, 1 }, { 'USE', 'used', percent, 2 } },
  pool_rows())
local warnings = {}
for warning in string.gmatch((account.broker_warnings or '') .. '; ', '(.-); ') do
  if warning ~= '' then warnings[#warnings + 1] = warning end
end
for pool in string.gmatch(account.pools_left or '', '[^;]+') do
  warnings[#warnings + 1] = 'pool ' .. pool
    .. ' is not in the settings: its cap holds until nothing counts in it and a keeper starts'
end
add_sentences('warnings', 'warnings', warnings)
add_table_if_any('halts', 'halted',
  { { 'SINCE', 'atMs', iso }, { 'BY', 'by' }, { 'REASON', 'reason' } }, halt_rows())
add_table_if_any('closures', 'closed for entries',
  { { 'CAUSE', 'cause', nil, 1 }, { 'WORDS', 'words', nil, 2 }, { 'SINCE', 'sinceMs', health_since, 3 } },
  closure_rows())
add_table_if_any('oddities', 'at the broker, and not counted in full',
  { { 'WHAT', 'what', nil, 2 }, { 'ID', 'id', nil, 1 }, { 'SYMBOL', 'symbol', nil, 4 },
  { 'COUNTS', 'counts', nil, 3 }, { 'WHY', 'why', nil, 2 }, { 'SINCE', 'sinceMs', health_since, 5 } },
  oddity_rows())
add_table_if_any('doubts', 'prices that are doubted',
  { { 'SYMBOL', 'symbol', nil, 1 }, { 'PRICE', 'price', nil, 2 }, { 'THE LAST', 'last', nil, 3 },
  { 'SINCE', 'sinceMs', health_since, 4 } }, doubt_rows())
add_table('hosts', 'hosts',
  { { 'HOST', 'host', nil, 1 }, { 'ROLE', 'role', nil, 1 },
  { 'SETTINGS', 'fingerprint', nil, 4 }, { 'THE SAME', 'agrees', yes_or_no, 2 },
  { 'SEEN', 'seenMs', health_since, 3 } }, hosts)
add_table_if_any('troubles', 'processes that have stopped working',
  { { 'HOST', 'host', nil, 1 }, { 'ROLE', 'role', nil, 3 }, { 'WHY', 'why', nil, 2 } }, watching.troubles)
add_table('orders', 'orders, ' .. int(live) .. ' live'
  .. (looked < live and ' (' .. int(looked) .. ' examined)' or ''),
  { { 'STATE', 'state', nil, 1 }, { 'COUNT', 'count', int, 1 }, { 'HELD', 'heldMicros', usd, 2 } }, states)
add_table('plans', 'plans, ' .. int(plans) .. ' unfinished'
  .. (plans > LOOK and ' (' .. int(LOOK) .. ' examined)' or ''),
  { { 'STAGE', 'stage', nil, 1 }, { 'COUNT', 'count', int, 1 } }, plan_rows(LOOK))
add_table('tiers',
  'plans that wait for their entry, by how near their limit they must come; gate: near enough to steal now',
  { { 'TIER', 'tier', nil, 1 }, { 'WITHIN', 'tolerance', within, 2 }, { 'COUNT', 'count', int, 1 } },
  watching.tiers)
add_table('victims', 'may be taken now, the worst order of a symbol each',
  { { 'ORDER', 'order', nil, 1 }, { 'SYMBOL', 'symbol', nil, 3 }, { 'SIDE', 'side', nil, 6 },
  { 'PNL', 'pnl', nil, 2 }, { 'HELD', 'heldMicros', usd, 2 }, { 'LIMIT', 'limit', nil, 5 },
  { 'PRICE', 'price', nil, 7 }, { 'DISTANCE', 'distance', percent, 4 },
  { 'AGE', 'createdAtMs', since, 6 } }, victim_rows())
add_table('protected', 'protected symbols',
  { { 'SYMBOL', 'symbol', nil, 1 }, { 'BY', 'by', nil, 2 }, { 'UNTIL', 'untilMs', iso, 4 },
  { 'LEFT', nil, until_then, 3 } }, protected_rows())
add_table('refusals', 'refused, each kept for an hour after its last time',
  { { 'REASON', 'reason', nil, 1 }, { 'WISHES', 'wishes', int, 2 }, { 'TIMES', 'times', int, 4 },
  { 'LAST', 'last', nil, 3 }, { 'AGE', 'atMs', since, 5 } }, refusal_rows())
return answer()
