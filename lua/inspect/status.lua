-- status: an account's room, orders and plans, who may be taken now, what is protected, and what waits.
--
--   redis-cli --eval lua/redis-cli/status.lua ws:{demo}:account
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the tables; left out: lines for
--                                   people
--            LIMIT                  live orders and plans that are looked at, 2000 by default, at most 20000
--
-- Reads only (EVAL_RO will do) and looks at no more than LIMIT of anything.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "history"
--- @include "prices"
--- @include "halts"
--- @include "doubts"

local LOOK = limit_of(2000, 20000)
if words[1] then return stray(words[1], 'a limit') end
local SHOWN = 10

local function health_since(ms) return duration(math.max(0, health_ms - ms)) end

-- The causes for which it is closed for entries, the first one first.
local function closure_rows()
  local rows = {}
  for cause in string.gmatch(account.closed_by or '', '[^;]+') do
    local since_ms, words = string.match(redis.call('HGET', PREFIX .. 'closures', cause) or '',
      '^(%d+) (.*)$')
    rows[#rows + 1] = { cause, words, tonumber(since_ms) }
  end
  return rows
end

-- Reports a missing keeper, and since when. A keeper holds its election's key and sweeps each second (sweep).
-- One that holds the key but does not sweep counts as missing. Without a keeper, the last reconciliation
-- grows old and entries are closed.
local KEEPER_SILENCE_MS, KEEPER_HANGS_MS = 5000, 30000
local function keeper_gone()
  local kept_ms = tonumber(account.kept_ms)
  local silence_ms = kept_ms and health_ms - kept_ms
  local elected = redis.call('EXISTS', PREFIX .. 'keeper') == 1
  if silence_ms and silence_ms <= (elected and KEEPER_HANGS_MS or KEEPER_SILENCE_MS) then return nil end
  if elected and not silence_ms then return nil end
  return silence_ms and 'no keeper for ' .. duration(silence_ms) or 'no keeper'
end

-- When the next entry may probe whether the broker takes orders again.
local function probe_ms()
  local at_ms = tonumber(account.probe_at_ms or 0)
  return account.closed_by == 'broker' and account.shut_told ~= '1' and at_ms > 0 and at_ms or nil
end

-- Items at the broker that do not count, or perhaps not in full.
local function oddity_rows()
  local rows, flat = {}, redis.call('HGETALL', PREFIX .. 'oddities')
  for i = 1, #flat, 2 do
    local what, id = string.match(flat[i], '^(%S+) (.*)$')
    local since_ms, counts, symbol, why = string.match(flat[i + 1], '^(%d+) (%d) ([^|]*)|(.*)$')
    if why then
      rows[#rows + 1] = { what, id, symbol, counts == '1' and 'perhaps too little' or 'nothing', why,
        tonumber(since_ms) }
    end
  end
  table.sort(rows, function(a, b)
    if a[6] ~= b[6] then return a[6] < b[6] end
    return a[1] .. a[2] < b[1] .. b[2]
  end)
  return rows
end

-- Prices that jumped and are not confirmed yet.
local function doubt_rows()
  local rows = {}
  for _, symbol in ipairs(redis.call('HKEYS', PREFIX .. 'jumps')) do
    local price, at_ms = doubt_of(symbol)
    if price then
      local last = string.match(redis.call('HGET', PREFIX .. 'quotes', symbol), '^%S+')
      rows[#rows + 1] = { symbol, price, last, at_ms }
    end
  end
  table.sort(rows, function(a, b) return a[1] < b[1] end)
  local more = math.max(0, #rows - SHOWN)
  for _ = 1, more do table.remove(rows) end
  return rows, more
end

-- The last failed reconciliation: its time, a sentence, and the error.
local function failure_words()
  local f = hash('reconcile_failure')
  if not f.at_ms then return nil, 'none on record' end
  local at_ms, over_ms = tonumber(f.at_ms), tonumber(f.over_ms or '')
  local times = f.times == '1' and 'once' or f.times .. ' times in a row'
  return at_ms, string.format('%s, %s ago, %s%s: %s', iso(at_ms), duration(health_ms - at_ms), times,
    over_ms and '; succeeded since' or '; not since', f.words), f.words
end

-- Not reconciled on this server. The keeper may still wait for what was sent before a loss (keeper-note).
local function unsynced(words)
  local wait_ms = tonumber(account.loss_wait_until_ms or 0) - health_ms
  if wait_ms <= 0 then return 'unsynced', 'no: ' .. words end
  return 'unsynced', 'no, for ' .. duration(wait_ms)
    .. ' more: an order sent before the ledger was lost may still reach the broker', wait_ms
end

-- Is anything admitted, and if not, why? (I8) The third value: how long the keeper still waits after a loss.
local function admitting()
  if account.state == 'halted' then return 'halted', 'no: halted (' .. halt_words(halt_rows()) .. ')' end
  if (account.closed_by or '') ~= '' then
    local told = 'no: closed (' .. string.gsub(account.closed_by, ';', ', ') .. ')'
    local at_ms = probe_ms()
    if not at_ms then return 'closed', told end
    return 'closed', told .. '; one entry tries '
      .. (at_ms > health_ms and 'in ' .. duration(at_ms - health_ms) or 'now')
  end
  local synced = tonumber(account.synced_at_ms or 0)
  if synced == 0 then return unsynced('never reconciled with the broker') end
  local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local replication_id = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  if string.sub(run_id, 1, 20) .. ':' .. replication_id ~= account.server_id then
    return unsynced('not reconciled since this Redis server started, or became a master')
  end
  if health_ms - synced > tonumber(account.sync_max_age_ms) then
    return 'unsynced', 'no: the last reconciliation is older than '
      .. duration(tonumber(account.sync_max_age_ms))
  end
  if room('total') < 0 then return 'over', 'no: more is used than the cap allows' end
  local gone = keeper_gone()
  if not gone then return 'yes', 'yes' end
  return 'yes', 'yes; ' .. gone .. ': admits until '
    .. string.sub(iso(synced + tonumber(account.sync_max_age_ms)), 12, 19)
end

local function pool_rows()
  local rows = {}
  for pool in string.gmatch(account.pools or 'total', '[^;]+') do
    local cap = micros('cap_micros:' .. pool)
    rows[#rows + 1] = { pool, account['leverage:' .. pool], cap, micros('positions_micros:' .. pool),
      micros('orders_micros:' .. pool), room(pool), cap == 0 and 0 or (cap - room(pool)) / cap }
  end
  return rows
end

local function order_rows()
  local counts, held, looked, cursor = {}, {}, 0, '0'
  repeat
    local page = redis.call('SSCAN', PREFIX .. 'live', cursor, 'COUNT', 500)
    cursor = page[1]
    for _, id in ipairs(page[2]) do
      local order = redis.call('HMGET', PREFIX .. 'order:' .. id, 'state', 'held_micros')
      local state = order[1] or 'lost'
      counts[state] = (counts[state] or 0) + 1
      held[state] = (held[state] or 0) + tonumber(order[2] or 0)
      looked = looked + 1
    end
  until cursor == '0' or looked >= LOOK
  local rows = {}
  for _, state in ipairs({ 'pending', 'reserved', 'working', 'cancelling', 'lost' }) do
    if counts[state] then rows[#rows + 1] = { state, counts[state], held[state] } end
  end
  return rows, looked
end

local function plan_rows()
  local counts, rows = {}, {}
  for _, id in ipairs(redis.call('ZRANGE', PREFIX .. 'plans', 0, LOOK - 1)) do
    local stage = redis.call('HGET', PREFIX .. 'plan:' .. id, 'stage') or 'lost'
    counts[stage] = (counts[stage] or 0) + 1
  end
  for _, stage in ipairs({ 'waiting', 'entering', 'holding', 'exiting', 'lost' }) do
    if counts[stage] then rows[#rows + 1] = { stage, counts[stage] } end
  end
  return rows
end

-- The worst order of each symbol that may be taken now, worst first.
local VICTIMS_SHOWN = 5
local function victim_rows()
  local rows = {}
  for i, member in ipairs(redis.call('ZRANGE', PREFIX .. 'victims:total', 0, VICTIMS_SHOWN - 1)) do
    local id = string.match(member, '([^:]+)$')
    local o = redis.call('HMGET', PREFIX .. 'order:' .. id, 'symbol', 'side', 'pnl', 'held_micros', 'limit',
      'created_at_ms')
    local _, _, price = price_of(o[1] or '')
    rows[i] = { id, o[1], o[2], o[3], tonumber(o[4]), o[5], price, price and distance(o[2], o[5], price),
      tonumber(o[6]) }
  end
  return rows, redis.call('ZCARD', PREFIX .. 'victims:total') - #rows
end

local function protected_rows()
  local rows, all = {}, 0
  for _, kind in ipairs({ { 'cooldowns', 'cooldown' }, { 'fights', 'fight' } }) do
    local from = '(' .. int(now_ms)
    all = all + redis.call('ZCOUNT', PREFIX .. kind[1], from, '+inf')
    local flat = redis.call('ZRANGEBYSCORE', PREFIX .. kind[1], from, '+inf', 'WITHSCORES', 'LIMIT', 0, SHOWN)
    for i = 1, #flat, 2 do
      rows[#rows + 1] = { flat[i], kind[2], tonumber(flat[i + 1]), tonumber(flat[i + 1]) }
    end
  end
  return rows, all - #rows
end

local function steal_counts()
  local list, more = steals_since(now_ms - 3600000, 500)
  local counts = { pending = 0, granted = 0, failed = 0 }
  for _, steal in ipairs(list) do
    local state = redis.call('HGET', PREFIX .. 'steal:' .. steal.id, 'state')
    if state then counts[state] = counts[state] + 1 end
  end
  return counts, #list, more
end

local function refusal_rows()
  local by_reason, order, rows = {}, {}, {}
  for _, id in ipairs(redis.call('ZREVRANGE', PREFIX .. 'refusals', 0, 199)) do
    local r = redis.call('HMGET', PREFIX .. 'refusal:' .. id, 'reason', 'at_ms', 'times')
    if r[1] then
      local row = by_reason[r[1]]
      if not row then
        row = { r[1], 0, 0, id, tonumber(r[2]) }
        by_reason[r[1]] = row
        rows[#rows + 1] = row
      end
      row[2], row[3] = row[2] + 1, row[3] + tonumber(r[3])
    end
  end
  return rows
end

-- Plans that may not steal for a while (bars), the earliest to be free first; and their number.
local function bar_rows()
  local from, rows = '(' .. int(now_ms), {}
  for _, plan in ipairs(redis.call('ZRANGEBYSCORE', PREFIX .. 'bars', from, '+inf', 'LIMIT', 0, SHOWN)) do
    local bar = hash('bar:' .. plan)
    local until_ms = tonumber(bar.until_ms or 0) or 0
    if until_ms > now_ms then
      rows[#rows + 1] = { plan, bar.cause, bar.reason, tonumber(bar.times), until_ms }
    end
  end
  return rows, redis.call('ZCOUNT', PREFIX .. 'bars', from, '+inf')
end

local function bar_words(rows, count)
  if count == 0 then return 'no plan is barred from stealing' end
  local told = {}
  for i, row in ipairs(rows) do
    if i > 3 then break end
    told[i] = row[1] .. ' for ' .. until_then(row[5]) .. ' (' .. row[2] .. ': ' .. row[3] .. ')'
  end
  return int(count) .. (count == 1 and ' plan' or ' plans') .. ' may not steal: ' .. table.concat(told, ', ')
    .. (count > #told and ', ...' or '')
end

-- The cash left to buy crypto.
local function cash_words()
  local held = micros('orders_micros:cash')
  if not account['cap_micros:cash'] then return 'no limit is known; crypto orders hold ' .. usd(held) end
  local cap = micros('cap_micros:cash')
  return usd(cap - held) .. ' left for crypto, of ' .. usd(cap)
end

local function within(share) return tonumber(share) and percent(tonumber(share)) or share .. ' distance' end
local function yes_or_no(flag) return flag and 'yes' or 'no' end

-- Hosts seen in the last 15 s, those with other settings than the account's first: these do not steal.
-- `watching`: the state of New York's session as watchers last reported it, and all their plans by tier.
local function host_rows()
  local rows, differing, watching = {}, {}, { tiers = {}, by_name = {}, troubles = {} }
  local function add_tiers(text)
    for name, tolerance, plans in string.gmatch(text, '(%S+) (%S+) (%d+);?') do
      local row = watching.by_name[name]
      if not row then
        row = { name, tolerance, 0 }
        watching.by_name[name] = row
        watching.tiers[#watching.tiers + 1] = row
      end
      row[3] = row[3] + tonumber(plans)
    end
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', PREFIX .. 'hosts', int(health_ms - 15000), '+inf',
    'LIMIT', 0, 256)) do
    local host = redis.call('HMGET', PREFIX .. 'host:' .. id, 'role', 'fingerprint', 'seen_ms', 'session',
      'tiers', 'trouble')
    if host[1] then
      if host[4] ~= '' then watching.session, watching.until_ms = string.match(host[4], '^(%a+) (%d+)$') end
      add_tiers(host[5])
      local agrees = host[2] == settings.fingerprint
      if not agrees then differing[#differing + 1] = id end
      if (host[6] or '') ~= '' then watching.troubles[#watching.troubles + 1] = { id, host[1], host[6] } end
      rows[#rows + 1] = { id, host[1], host[2], agrees, tonumber(host[3]) }
    end
  end
  table.sort(rows, function(a, b)
    if a[4] ~= b[4] then return not a[4] end
    return a[1] < b[1]
  end)
  return rows, differing, watching
end

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
local outbox = redis.call('XLEN', PREFIX .. 'outbox')
local oldest = redis.call('XRANGE', PREFIX .. 'outbox', '-', '+', 'COUNT', 1)[1]
local oldest_ms = nil
for i = 1, oldest and #oldest[2] or 0, 2 do
  if oldest[2][i] == 'at_ms' then oldest_ms = health_ms - tonumber(oldest[2][i + 1]) end
end
-- Cancellations that are not carried out. The queue's own record says whether it was paused (BullMQ,
-- `cancel:meta`).
local OVERDUE_MS = 10000
local paused = redis.call('HGET', PREFIX .. 'cancel:meta', 'paused') == '1'
local function outbox_words()
  local said = int(outbox) .. ' cancellations on record, the oldest for '
    .. (oldest_ms and duration(oldest_ms) or '?')
  if outbox == 0 then said = 'empty' end
  if oldest_ms and oldest_ms > OVERDUE_MS then said = said .. '; overdue: no worker gets them done' end
  return said .. (paused and '; the cancel queue is paused' or '')
end

local bars, bar_count = bar_rows()
local steals, steal_count, more_steals = steal_counts()
local dry_runs = redis.call('ZCOUNT', PREFIX .. 'dry_runs', int(now_ms - 3600000), '+inf')
local live, plans = redis.call('SCARD', PREFIX .. 'live'), redis.call('ZCARD', PREFIX .. 'plans')
local states, looked = order_rows()

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
  duration(tonumber(settings.cooldown_ms))) },
  { 'settings', 'fingerprint', settings.fingerprint, settings.fingerprint
  .. (#differing == 0 and '' or '; ' .. int(#differing) .. ' of ' .. int(#hosts)
  .. ' hosts use other settings and do not steal; hosts with other pools enter nothing: '
  .. table.concat(differing, ', ', 1, math.min(#differing, SHOWN))) },
  { 'steals', 'stealsLastHour', steal_count,
  string.format('%s%d in the last hour: %d granted, %d pending, %d failed%s', more_steals and 'more than '
  or '', steal_count, steals.granted, steals.pending, steals.failed, dry_runs > 0 and '; ' .. int(dry_runs)
  .. ' orders would have stolen in a dry run' or '') },
  { 'barred', 'barred', bar_count, bar_words(bars, bar_count) },
  { 'outbox', 'outbox', outbox, outbox_words() }, })
values[#values + 1] = { 'state', account.state }
values[#values + 1] = { 'equityHeldBackMicros', micros('equity_held_back_micros') }
values[#values + 1] = { 'cashCapMicros', account['cap_micros:cash'] and micros('cap_micros:cash') or nil }
values[#values + 1] = { 'cashHeldMicros', micros('orders_micros:cash') }
local bar_list = {}
for i, row in ipairs(bars) do
  bar_list[i] = { { 'plan', row[1] }, { 'cause', row[2] }, { 'reason', row[3] }, { 'times', row[4] },
    { 'untilMs', row[5] } }
end
values[#values + 1] = { 'bars', { list = bar_list } }
values[#values + 1] = { 'keeperSeenMs', tonumber(account.kept_ms) }
values[#values + 1] = { 'admitsUntilMs', answers == 'yes' and synced + tonumber(account.sync_max_age_ms)
  or nil }
values[#values + 1] = { 'probeAtMs', probe_ms() }
values[#values + 1] = { 'lossWaitMs', loss_wait_ms }
values[#values + 1] = { 'failure', failure }
values[#values + 1] = { 'sessionUntilMs', until_ms }
values[#values + 1] = { 'outboxOldestMs', oldest_ms }
values[#values + 1] = { 'cancelQueuePaused', paused and 'yes' or 'no' }
values[#values + 1] = { 'steals', { { 'granted', steals.granted }, { 'pending', steals.pending },
  { 'failed', steals.failed } } }
values[#values + 1] = { 'dryRunsLastHour', dry_runs }
values[#values + 1] = { 'liveOrders', live }
values[#values + 1] = { 'unfinishedPlans', plans }

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
local halts = halt_rows()
if #halts > 0 then
  add_table('halts', 'halted', { { 'SINCE', 'atMs', iso }, { 'BY', 'by' }, { 'REASON', 'reason' } }, halts)
else
  values[#values + 1] = { 'halts', { list = {} } }
end
local closures = closure_rows()
if #closures > 0 then
  add_table('closures', 'closed for entries', { { 'CAUSE', 'cause', nil, 1 },
    { 'WORDS', 'words', nil, 2 }, { 'SINCE', 'sinceMs', health_since, 3 } }, closures)
else
  values[#values + 1] = { 'closures', { list = {} } }
end
local oddities = oddity_rows()
if #oddities > 0 then
  add_table('oddities', 'at the broker, and not counted in full',
    { { 'WHAT', 'what', nil, 2 }, { 'ID', 'id', nil, 1 }, { 'SYMBOL', 'symbol', nil, 4 },
    { 'COUNTS', 'counts', nil, 3 }, { 'WHY', 'why', nil, 2 }, { 'SINCE', 'sinceMs', health_since, 5 } },
    oddities)
else
  values[#values + 1] = { 'oddities', { list = {} } }
end
local doubts, more_doubts = doubt_rows()
if #doubts > 0 then
  add_table('doubts', 'prices that are doubted',
    { { 'SYMBOL', 'symbol', nil, 1 }, { 'PRICE', 'price', nil, 2 }, { 'THE LAST', 'last', nil, 3 },
    { 'SINCE', 'sinceMs', health_since, 4 } }, doubts, more_doubts)
else
  values[#values + 1] = { 'doubts', { list = {} } }
end
add_table('hosts', 'hosts',
  { { 'HOST', 'host', nil, 1 }, { 'ROLE', 'role', nil, 1 },
  { 'SETTINGS', 'fingerprint', nil, 4 }, { 'THE SAME', 'agrees', yes_or_no, 2 },
  { 'SEEN', 'seenMs', health_since, 3 } }, hosts)
if #watching.troubles > 0 then
  add_table('troubles', 'processes that have stopped working',
    { { 'HOST', 'host', nil, 1 }, { 'ROLE', 'role', nil, 3 }, { 'WHY', 'why', nil, 2 } }, watching.troubles)
else
  values[#values + 1] = { 'troubles', { list = {} } }
end
add_table('orders', 'orders, ' .. int(live) .. ' live'
  .. (looked < live and ' (' .. int(looked) .. ' examined)' or ''),
  { { 'STATE', 'state', nil, 1 }, { 'COUNT', 'count', int, 1 }, { 'HELD', 'heldMicros', usd, 2 } }, states)
add_table('plans', 'plans, ' .. int(plans) .. ' unfinished'
  .. (plans > LOOK and ' (' .. int(LOOK) .. ' examined)' or ''),
  { { 'STAGE', 'stage', nil, 1 }, { 'COUNT', 'count', int, 1 } }, plan_rows())
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
