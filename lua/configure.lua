-- configure: creates the account or changes its settings and pools (set caps). A changed protection, policy
-- or VIP list rebuilds the index in O(open orders): avoid busy hours.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   enabled             0 | 1
-- ARGV[2]   dry_run             0 | 1
-- ARGV[3]   gate                decimal fraction: the steal gate
-- ARGV[4]   protection          decimal fraction
-- ARGV[5]   cooldown_ms         ms of ledger time
-- ARGV[6]   improvement         decimal from 1 to 1000: a thief must be this much better
-- ARGV[7]   fight_threshold     steals
-- ARGV[8]   fight_window_ms     ms of ledger time
-- ARGV[9]   fight_cooldown_ms   ms of ledger time
-- ARGV[10]  max_victims         1 to 8
-- ARGV[11]  quote_max_age_ms    ms of health time
-- ARGV[12]  history_ttl_ms      ms of ledger time
-- ARGV[13]  policy              pnl | distance | expected
-- ARGV[14]  sync_max_age_ms     ms of health time after which an unreconciled account admits nothing
-- ARGV[15]  fingerprint         of the settings, for hosts to compare
-- ARGV[16]  vip                 symbols joined by ';', or ''
-- ARGV[17]  pools               "total leverage;name leverage;...", total first
-- ARGV[18]  unused_pause_ms     ms of ledger time in which a plan may not steal after room was freed for it
--                               in vain; 0: none
-- ARGV[19]  short_margin        decimal fraction: a short sale counts at least at the last price plus this
--                               share of it; 0: at its limit
-- ARGV[20]  what_if             0 | 1: a book that only shows what the rules would say; exits are not checked
--                               against positions
-- ARGV[21]  quote_max_jump      decimal fraction: a price further than this from the last one is doubted; 0:
--                               never
-- ARGV[22]  pool_rule           identifies the mapping of symbols to pools, for hosts to compare; '' for no
--                               comparison
-- ARGV[23]  half_life_ms        ms of ledger time in which a victim's PnL above 0 fades to half; 0: never
-- ARGV[24]  min_residency_ms    ms of ledger time; a younger order is no victim
-- ARGV[25]  max_robbed          steals from a symbol within the window that protect it; 0: no such rule
-- ARGV[26]  robbed_window_ms    ms of ledger time
-- ARGV[27]  budget              decimal: the share of the cap of total that steals may take within the
--                               window; 0: no such rule
-- ARGV[28]  budget_window_ms    ms of ledger time
-- ARGV[29]  partial             0 | 1: does a steal's best victim keep what is not needed?
-- ARGV[30]  partial_min         decimal fraction of the victim's quantity: less is not kept
-- ARGV[31]  regret_window_ms    ms of ledger time for which it is watched what a steal comes to; at most the
--                               history's; 0: not at all
--
-- A pool in use that is missing in the settings stays (pools_left), with its present leverage.
--
-- Reply: configured created (0 | 1) | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "book"
--- @include "events"
--- @include "eligibility"
--- @include "ranking"
--- @include "closures"
--- @include "fights"
--- @include "orders"

local function a_fraction(text)
  local value = to_nanos(text)
  if not value or value < 0 or value > 1e9 then
    return nil, 'a decimal from 0 to 1 with at most 9 decimals'
  end
  return value
end
local function a_policy(text)
  if text ~= 'pnl' and text ~= 'distance' and text ~= 'expected' then
    return nil, 'pnl, distance or expected'
  end
  return text
end
local function an_improvement(text)
  local value = to_nanos(text)
  if not value or value < 1e9 or value > 1e12 then
    return nil, 'a decimal from 1 to 1000 with at most 9 decimals'
  end
  return value
end
local function a_victim_count(text)
  local value = tonumber(text)
  if not string.find(text, '^%d+$') or value < 1 or value > 8 then return nil, 'an integer from 1 to 8' end
  return value
end
local function a_threshold(text)
  local value = tonumber(text)
  if not string.find(text, '^%d+$') or value < 1 or value > 1000 then
    return nil, 'an integer from 1 to 1000'
  end
  return value
end
local function a_steal_count(text)
  local value = tonumber(text)
  if not string.find(text, '^%d+$') or value > 1000 then return nil, 'an integer from 0 to 1000' end
  return value
end
local function a_budget(text)
  local value = to_nanos(text)
  if not value or value < 0 or value > 1e12 then
    return nil, 'a decimal from 0 to 1000 with at most 9 decimals'
  end
  return value
end
local function symbols_list(text)
  local list = {}
  if #text > 20000 then return nil, 'at most 20000 characters' end
  for symbol in string.gmatch(text, '[^;]+') do
    local ok, expected = a_symbol(symbol)
    if not ok then return nil, 'symbols joined by ;, each ' .. expected end
    list[#list + 1] = symbol
  end
  return list
end
local function pools_list(text)
  local list, named = {}, {}
  for part in string.gmatch(text .. ';', '([^;]*);') do
    local name, leverage = string.match(part, '^(%S+) (%S+)$')
    if not name or named[name] or (name ~= 'total' and not a_pool(name)) then
      return nil, 'names of pools, each once with its leverage'
    end
    local nanos = to_nanos(leverage)
    if not nanos or nanos <= 0 or nanos > 1e11 then
      return nil, 'pools with a leverage above 0, at most 100'
    end
    named[name] = true
    list[#list + 1] = { name = name, leverage = leverage, nanos = nanos }
  end
  if #list > 9 or list[1].name ~= 'total' then return nil, 'total first, then at most 8 pools' end
  return list
end

local args, refusal = read_arguments('configure', 1,
  { 'enabled', a_flag, 'dry_run', a_flag, 'gate', a_fraction, 'protection', a_fraction, 'cooldown_ms',
  a_duration, 'improvement', an_improvement, 'fight_threshold', a_threshold, 'fight_window_ms', a_duration,
  'fight_cooldown_ms', a_duration, 'max_victims', a_victim_count, 'quote_max_age_ms', a_duration,
  'history_ttl_ms', a_duration, 'policy', a_policy, 'sync_max_age_ms', a_duration, 'fingerprint', any_text,
  'vip', symbols_list, 'pools', pools_list, 'unused_pause_ms', a_duration, 'short_margin', a_fraction,
  'what_if', a_flag, 'quote_max_jump', a_fraction, 'pool_rule', any_text, 'half_life_ms', a_duration,
  'min_residency_ms', a_duration, 'max_robbed', a_steal_count, 'robbed_window_ms', a_duration,
  'budget', a_budget, 'budget_window_ms', a_duration, 'partial', a_flag, 'partial_min', a_fraction,
  'regret_window_ms', a_duration })
if not args then return refusal end

if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then redis.call('DEL', KEYS[1]) end
local existed = open_book() or account['damaged'] == '1'
read_clock()                                         -- a damaged book was not opened
local equity = tonumber(redis.call('HGET', KEYS[1], 'equity_micros') or 0) or 0

-- Everything is checked before the first write.
local names, caps, kept, dropped, left = {}, {}, {}, {}, {}
for i, pool in ipairs(args.pools) do
  names[i], caps[i], kept[pool.name] = pool.name, scale_nanos(equity, pool.nanos), true
  if not caps[i] then
    return reply(unpack(invalid('configure', 'pools', ARGV[17], 'a cap below 2^53 micro-USD')))
  end
end
for name in string.gmatch(redis.call('HGET', KEYS[1], 'pools') or '', '[^;]+') do
  if not kept[name] then
    pool_fields(name)
    if number('orders_micros:' .. name) + number('positions_micros:' .. name) > 0 then
      -- Its cap applies beside the new ones while something counts in it; no host adds to it any more
      -- (pool_rule).
      names[#names + 1], left[#left + 1] = name, name
      local leverage = redis.call('HGET', KEYS[1], 'leverage:' .. name)
      args.pools[#args.pools + 1] = { name = name, leverage = leverage, nanos = to_nanos(leverage) }
      caps[#caps + 1] = scale_nanos(equity, to_nanos(leverage)) or MAX_INTEGER
    else
      dropped[#dropped + 1] = name
    end
  end
end

-- Open orders and positions were not counted in a new pool, and only the broker's list shows which belong in
-- it. So the book is emptied and rebuilt (mend).
if existed and account['damaged'] ~= '1' then
  local had = ';' .. (redis.call('HGET', KEYS[1], 'pools') or '') .. ';'
  local was_left = ';' .. (redis.call('HGET', KEYS[1], 'pools_left') or '') .. ';'
  local holds = redis.call('EXISTS', PREFIX .. 'live', PREFIX .. 'positions') > 0
  for _, name in ipairs(names) do
    local is_new = not string.find(had, ';' .. name .. ';', 1, true)
      or (kept[name] and string.find(was_left, ';' .. name .. ';', 1, true))
    if holds and is_new then
      damage_account('pool ' .. name .. ' is new, and what is open was not counted in it')
      holds = false
    end
  end
end

if not existed then
  -- Those that every command reads come first (load_book).
  redis.call('HSET', KEYS[1], 'state', 'running', 'closed_by', account['closed_by'] or '',
    'clock_mode', account['clock_mode'] or 'real', 'health_high_ms', '0', 'lease_due_ms', '0',
    'cooldown_due_ms', '0', 'server_id', '', 'sync_max_age_ms', '0', 'recalled', '0',
    'recorded_until_ms', '0')
  set('state', 'running')
  set('generation', 0)
  local time = redis.call('TIME')
  set('created', time[1] .. '.' .. time[2])           -- distinguishes this book from a wiped one (sync)
  -- Only the account hash was lost; its orders and positions are still there. It must be mended before it is
  -- opened.
  for _, name in ipairs({ 'live', 'leases', 'positions' }) do
    if redis.call('EXISTS', PREFIX .. name) == 1 then set('damaged', '1') end
  end
end
for _, name in ipairs(dropped) do
  redis.call('HDEL', KEYS[1], 'leverage:' .. name, 'cap_micros:' .. name, 'orders_micros:' .. name,
    'positions_micros:' .. name)
end
for i, pool in ipairs(args.pools) do
  pool_fields(pool.name)
  set('leverage:' .. pool.name, pool.leverage)
  set('cap_micros:' .. pool.name, caps[i])
  set('orders_micros:' .. pool.name, number('orders_micros:' .. pool.name))
  set('positions_micros:' .. pool.name, number('positions_micros:' .. pool.name))
end
account.news.freed = true
set('pools', table.concat(names, ';'))
set('pools_left', table.concat(left, ';'))          -- in use, but missing in the settings
set('sync_max_age_ms', args.sync_max_age_ms)
set('what_if', ARGV[20])
set('pool_rule', ARGV[22])

local function index_settings()
  return redis.call('HMGET', PREFIX .. 'settings', 'vip', unpack(ELIGIBILITY_SETTINGS))
end
local before = index_settings()
-- The index of a damaged book was built by the settings of before, so these stay until it is mended; the next
-- call changes them.
local is_damaged = account['damaged'] == '1'
local often_before = redis.call('HMGET', PREFIX .. 'settings', unpack(OFTEN_ROBBED_SETTINGS))
local vip, often, built_by = ARGV[16], { ARGV[25], ARGV[26] }, {}
if is_damaged then
  vip, often = before[1] or '', { often_before[1] or '0', often_before[2] or '0' }
  built_by = redis.call('HMGET', PREFIX .. 'settings', 'policy', 'protection', 'protection_nanos',
    'half_life_ms', 'min_residency_ms')
end
local all_before = table.concat(redis.call('HGETALL', PREFIX .. 'settings'), '\n')
redis.call('HSET', PREFIX .. 'settings', 'enabled', ARGV[1], 'dry_run', ARGV[2], 'gate', ARGV[3],
  'gate_nanos', args.gate, 'protection', built_by[2] or ARGV[4],
  'protection_nanos', built_by[3] or args.protection, 'cooldown_ms', ARGV[5],
  'improvement', ARGV[6], 'improvement_nanos', args.improvement - 1e9, 'fight_threshold', ARGV[7],
  'fight_window_ms', ARGV[8], 'fight_cooldown_ms', ARGV[9], 'max_victims', ARGV[10],
  'quote_max_age_ms', ARGV[11], 'history_ttl_ms', ARGV[12], 'policy', built_by[1] or ARGV[13],
  'fingerprint', ARGV[15], 'vip', vip, 'unused_pause_ms', ARGV[18], 'short_margin', ARGV[19],
  'short_margin_nanos', args.short_margin, 'quote_max_jump', ARGV[21],
  'quote_max_jump_nanos', args.quote_max_jump, 'half_life_ms', built_by[4] or ARGV[23],
  'min_residency_ms', built_by[5] or ARGV[24], 'max_robbed', often[1], 'robbed_window_ms', often[2],
  'budget', ARGV[27], 'budget_nanos', args.budget, 'budget_window_ms', ARGV[28], 'partial', ARGV[29],
  'partial_min', ARGV[30], 'partial_min_nanos', args.partial_min, 'regret_window_ms', ARGV[31])
if table.concat(redis.call('HGETALL', PREFIX .. 'settings'), '\n') ~= all_before
  or not account['settings_version'] then
  -- At once: what fails behind this must not leave new settings under the version of the old ones.
  local time = redis.call('TIME')
  account['settings_version'] = time[1] .. '.' .. time[2]
  redis.call('HSET', KEYS[1], 'settings_version', account['settings_version'])
end
settings_read.current = nil

local is_changed = false
for i, value in ipairs(index_settings()) do is_changed = is_changed or value ~= before[i] end
if existed and account['damaged'] ~= '1' and is_changed then
  local working = {}
  for _, id in ipairs(redis.call('SMEMBERS', PREFIX .. 'live')) do
    local order = read_order(id)
    if not exemption(order) then working[#working + 1] = order end
    if order.rank ~= '' then untrack(order) end
  end
  redis.call('DEL', PREFIX .. 'vip', PREFIX .. 'protected_until')
  for _, symbol in ipairs(args.vip) do redis.call('SADD', PREFIX .. 'vip', symbol) end
  local settings = read_settings(unpack(ELIGIBILITY_SETTINGS))
  for _, order in ipairs(working) do offer_again(order, settings) end
elseif account['damaged'] ~= '1' then
  for _, symbol in ipairs(args.vip) do redis.call('SADD', PREFIX .. 'vip', symbol) end
end

-- The history says which symbols are protected now by the changed limit.
local function protect_again()
  local symbols = {}
  for _, symbol in ipairs(redis.call('ZRANGE', PREFIX .. 'often_robbed', '0', '-1')) do
    symbols[symbol] = true
  end
  redis.call('DEL', PREFIX .. 'often_robbed')
  for _, member in ipairs(redis.call('ZRANGE', PREFIX .. 'steals', '0', '-1')) do
    symbols[string.match(member, '>([^#]+)#')] = true
  end
  local settings = read_settings(unpack(OFTEN_ROBBED_SETTINGS))
  for symbol in pairs(symbols) do
    protect_often_robbed(symbol, settings)
    refresh_symbol(symbol)
  end
end
if existed and (often[1] ~= (often_before[1] or '0') or often[2] ~= (often_before[2] or '0')) then
  protect_again()
end
emit('configured', 'fingerprint', ARGV[15])
return reply('configured', 'created', existed and '0' or '1')
