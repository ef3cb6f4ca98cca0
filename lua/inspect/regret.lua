-- regret: what steals came to (docs/rules.md, 9.9), newest first: what their victims' forecasts would have
-- brought where their limits traded (regret), and what the thieves' forecasts brought where they filled
-- (gain), with the sums by pair of symbols and by rule setting.
--
--   redis-cli --eval lua/redis-cli/regret.lua ws:{demo}:account , AAPL 50
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the table; left out: lines for people
--            SYMBOL                 only steals by it or from it; the sums stay those of all
--            LIMIT                  how many of each table, 20 by default, at most 500
--
-- Reads only (EVAL_RO will do) and looks at no more than 2000 steals, and as many sums.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "near"
--- @include "victims"
--- @include "watches"

local LIMIT = limit_of(20, 500)
local symbol = words[1] and symbol_of(words[1])
if words[1] and (not symbol or words[2]) then
  return stray(words[symbol and 2 or 1], 'a symbol, a limit')
end
local LOOK = 2000

-- The steals on record, newest first, of each what it takes to choose it; and how many there are.
local function watched_steals()
  local list = {}
  local all = redis.call('ZCARD', PREFIX .. 'watches') + redis.call('ZCARD', PREFIX .. 'judged')
  for _, ids in ipairs({ redis.call('ZREVRANGE', PREFIX .. 'watches', 0, LOOK - 1),
    redis.call('ZREVRANGE', PREFIX .. 'judged', 0, LOOK - 1) }) do
    for _, id in ipairs(ids) do
      local steal = redis.call('HMGET', PREFIX .. 'steal:' .. id, 'at_ms', 'thief_symbol', 'victims')
      if steal[1] then
        list[#list + 1] = { id = id, at = tonumber(steal[1]), thief_symbol = steal[2], victims = steal[3] }
      end
    end
  end
  table.sort(list, function(a, b)
    if a.at ~= b.at then return a.at > b.at end
    return a.id < b.id
  end)
  return list, all
end

local function touches(steal)
  if not symbol or steal.thief_symbol == symbol then return true end
  for _, victim in ipairs(victims_of(steal.victims or '')) do
    if victim[2] == symbol then return true end
  end
  return false
end

-- The victims with what was missed of each, and for people in words.
local function victims_judged(steal, victims)
  local list, amounts = {}, {}
  for regret in string.gmatch(steal.amounts or '', '(%S+) [^%s;]+;?') do amounts[#amounts + 1] = regret end
  for i, victim in ipairs(victims) do
    list[i] = { { 'order', victim[1] }, { 'symbol', victim[2] }, { 'pnl', victim[3] },
      { 'heldMicros', victim[4] }, { 'tradedAtMs', tonumber(steal['traded:' .. victim[1]]) },
      { 'regret', amounts[i] or '0' } }
  end
  return { list = list }
end
local function victim_words(victims)
  local told = {}
  for i, v in ipairs(victims.list) do
    told[i] = v[2][2] .. ' ' .. v[1][2] .. ' (PnL ' .. v[3][2] .. (v[5][2] and ', traded' or '') .. ')'
  end
  return table.concat(told, ', ')
end

local steals, all = watched_steals()
local rows, found = {}, 0
for _, chosen in ipairs(steals) do
  if touches(chosen) then
    found = found + 1
    if #rows < LIMIT then
      local steal = hash('steal:' .. chosen.id)
      rows[#rows + 1] = { chosen.at, chosen.at, chosen.id, steal.thief_symbol, steal.thief_pnl,
        steal.gain or '0', steal.regret or '0', watch_of(steal), tonumber(steal.watch_until_ms),
        victims_judged(steal, victims_of(steal.victims)), steal.rules }
    end
  end
end

-- Sums by what stands before the blank in their field, the largest regret first.
local sums = { pair = {}, rules = {} }
local kept = redis.call('HSCAN', PREFIX .. 'regrets', 0, 'COUNT', LOOK)[2]
for i = 1, #kept, 2 do
  local kind, name = string.match(kept[i], '^(%S+) (%S*)$')
  local regret, gain = string.match(kept[i + 1], '^(%S+) (%S+)$')
  if sums[kind] and regret then
    sums[kind][#sums[kind] + 1] = { name = name, regret = regret, gain = gain }
  end
end
for _, list in pairs(sums) do
  table.sort(list, function(a, b)
    local left, right = tonumber(a.regret) or 0, tonumber(b.regret) or 0
    if left ~= right then return left > right end
    return a.name < b.name
  end)
end
local function first_of(list, row_of)
  local first = {}
  for i = 1, math.min(#list, LIMIT) do first[i] = row_of(list[i]) end
  return first, #list - #first
end

local regret, gain = string.match(redis.call('HGET', PREFIX .. 'regrets', 'account') or '0 0',
  '^(%S+) (%S+)$')
local window_ms = math.min(tonumber(settings.regret_window_ms or 0), tonumber(settings.history_ttl_ms or 0))
add_facts(nil, { { 'regret', 'regret', regret or '0', cents(regret or '0') },
  { 'gain', 'gain', gain or '0', cents(gain or '0') },
  { 'steals', 'watched', all, int(all) .. ', each watched for ' .. duration(window_ms) } })
add_value('windowMs', window_ms)
add_table('steals', 'what steals' .. (symbol and ' of ' .. symbol or '') .. ' came to, newest first'
  .. (all > #steals and ' (the latest ' .. int(#steals) .. ' examined)' or ''),
  { { 'AT', 'atMs', iso, 5 }, { 'AGE', nil, since, 4 }, { 'THIEF', 'thief', nil, 2 },
  { 'SYMBOL', 'thiefSymbol', nil, 3 }, { 'PNL', 'thiefPnl', nil, 6 }, { 'GAIN', 'gain', cents, 1 },
  { 'REGRET', 'regret', cents, 1 }, { 'WATCH', 'watch', nil, 5 }, { nil, 'watchUntilMs' },
  { 'VICTIMS', 'victims', victim_words, 2 }, { nil, 'rules' } }, rows, found - #rows)
add_value('more', found - #rows)
local pair_rows, more_pairs = first_of(sums.pair, function(sum)
  local thief, victim = string.match(sum.name, '^([^>]+)>(.+)$')
  return { thief, victim, sum.gain, sum.regret }
end)
add_table('pairs', 'by pair of symbols, the largest regret first', { { 'THIEF', 'thief', nil, 1 },
  { 'VICTIM', 'victim', nil, 1 }, { 'GAIN', 'gain', cents, 1 }, { 'REGRET', 'regret', cents, 1 } }, pair_rows,
  more_pairs)
local function yes_or_no(flag) return flag and 'yes' or 'no' end
local rule_rows, more_rules = first_of(sums.rules, function(sum)
  return { sum.name, sum.name == settings.fingerprint, sum.gain, sum.regret }
end)
add_table('rules', 'by rule setting', { { 'SETTINGS', 'fingerprint', nil, 1 },
  { 'IN FORCE', 'inForce', yes_or_no, 2 }, { 'GAIN', 'gain', cents, 1 }, { 'REGRET', 'regret', cents, 1 } },
  rule_rows, more_rules)
return answer()
