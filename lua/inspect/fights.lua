-- fights: symbols that may not rob each other, pairs that approach a fight, and symbols in their cooldown.
--
--   redis-cli --eval lua/redis-cli/fights.lua ws:{demo}:account , AAPL 50
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the tables; left out: lines for
--                                   people
--            SYMBOL                 only fights, pairs and cooldowns of it
--            LIMIT                  rows of each table, 20 by default, at most 500
--
-- Reads only (EVAL_RO will do) and looks at no more than 2000 entries of the history.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "history"

local LIMIT = limit_of(20, 500)
local symbol = words[1] and symbol_of(words[1])
if words[1] and (not symbol or words[2]) then
  return stray(words[symbol and 2 or 1], 'a symbol, a limit')
end
local THRESHOLD, WINDOW = tonumber(settings.fight_threshold), tonumber(settings.fight_window_ms)

-- Is a symbol, or a pair `A|B`, of the wanted symbol?
local function is_wanted(member)
  return not symbol or string.find('|' .. member .. '|', '|' .. symbol .. '|', 1, true) ~= nil
end

-- Rows {member, until_ms, until_ms} and how many more there are, among the first 2000.
local function until_rows(key)
  local rows, more = {}, 0
  local flat = redis.call('ZRANGEBYSCORE', PREFIX .. key, '(' .. int(now_ms), '+inf', 'WITHSCORES',
    'LIMIT', 0, 2000)
  for i = 1, #flat, 2 do
    if is_wanted(flat[i]) and #rows < LIMIT then
      rows[#rows + 1] = { flat[i], tonumber(flat[i + 1]), tonumber(flat[i + 1]) }
    elseif is_wanted(flat[i]) then
      more = more + 1
    end
  end
  return rows, more
end

local pairs_seen, pair_list = {}, {}
for _, steal in ipairs((steals_since(now_ms - WINDOW, 2000))) do
  for _, victim in ipairs(steal.victim_symbols) do
    local a, b = steal.thief_symbol, victim
    local pair = a < b and a .. '|' .. b or b .. '|' .. a
    if not pairs_seen[pair] and is_wanted(pair) then
      pairs_seen[pair] = { pair, 0, THRESHOLD, nil, steal.at_ms, nil }
      pair_list[#pair_list + 1] = pairs_seen[pair]
    end
    if pairs_seen[pair] then
      pairs_seen[pair][2] = pairs_seen[pair][2] + 1
      pairs_seen[pair][6] = steal.at_ms + WINDOW
    end
  end
end
for _, row in ipairs(pair_list) do row[4] = row[2] + 1 >= THRESHOLD and 'a fight' or 'free' end
table.sort(pair_list, function(x, y)
  if x[2] ~= y[2] then return x[2] > y[2] end
  return x[1] < y[1]
end)
local more_pairs = math.max(0, #pair_list - LIMIT)
for _ = 1, more_pairs do table.remove(pair_list) end

local cooldowns, more_cooldowns = until_rows('cooldowns')
for _, row in ipairs(cooldowns) do
  row[4] = { list = redis.call('ZREVRANGE', PREFIX .. 'robbers:' .. row[1], 0, 2) }
end
local fights, more_fights = until_rows('fights')

local function comma_separated(names) return #names.list == 0 and '-' or table.concat(names.list, ', ') end
local function pair_words(pair) return table.concat(pair.list, '|') end
local function as_pair(row) row[1] = { list = { string.match(row[1], '^([^|]+)|(.+)$') } } end
for _, row in ipairs(fights) do as_pair(row) end
for _, row in ipairs(pair_list) do as_pair(row) end

local of_symbol = symbol and ' of ' .. symbol or ''
add_table('fights', 'fights' .. of_symbol .. ', protected from everyone',
  { { 'PAIR', 'symbols', pair_words, 1 }, { 'UNTIL', 'untilMs', iso, 3 }, { 'LEFT', nil, until_then, 2 } },
  fights, more_fights)
add_table('pairs', 'pairs' .. of_symbol .. ' with steals in the last ' .. duration(WINDOW),
  { { 'PAIR', 'symbols', pair_words, 1 }, { 'STEALS', 'steals', int, 2 },
  { 'THRESHOLD', 'threshold', int, 5 }, { 'NEXT IS', 'next', nil, 3 }, { 'LAST', 'lastAtMs', since, 6 },
  { 'FIRST FORGOTTEN IN', 'firstForgottenMs', until_then, 7 } }, pair_list, more_pairs)
add_table('cooldowns', symbol and 'cooldown' .. of_symbol or 'symbols in their cooldown',
  { { 'SYMBOL', 'symbol', nil, 1 }, { 'UNTIL', 'untilMs', iso, 4 }, { 'LEFT', nil, until_then, 2 },
  { 'ROBBED BY', 'robbers', comma_separated, 3 } }, cooldowns, more_cooldowns)
return answer()
