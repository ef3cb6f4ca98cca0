-- fights: symbols that may not rob each other, pairs that approach a fight, and symbols in their cooldown.
--
--   redis-cli --eval lua/redis-cli/fights.lua ws:{demo}:account , 50
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the tables; left out: lines for
--                                   people
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
if words[1] then return stray(words[1]) end
local THRESHOLD, WINDOW = tonumber(settings.fight_threshold), tonumber(settings.fight_window_ms)

local function until_rows(key)
  local rows, flat = {}, redis.call('ZRANGEBYSCORE', PREFIX .. key, '(' .. int(now_ms), '+inf', 'WITHSCORES',
    'LIMIT', 0, LIMIT)
  for i = 1, #flat, 2 do rows[#rows + 1] = { flat[i], tonumber(flat[i + 1]), tonumber(flat[i + 1]) } end
  return rows
end

local pairs_seen, pair_list = {}, {}
for _, steal in ipairs((steals_since(now_ms - WINDOW, 2000))) do
  for _, victim in ipairs(steal.victim_symbols) do
    local a, b = steal.thief_symbol, victim
    local pair = a < b and a .. '|' .. b or b .. '|' .. a
    if not pairs_seen[pair] then
      pairs_seen[pair] = { pair, 0, THRESHOLD, nil, steal.at_ms, nil }
      pair_list[#pair_list + 1] = pairs_seen[pair]
    end
    pairs_seen[pair][2] = pairs_seen[pair][2] + 1
    pairs_seen[pair][6] = steal.at_ms + WINDOW
  end
end
for _, row in ipairs(pair_list) do row[4] = row[2] + 1 >= THRESHOLD and 'a fight' or 'free' end
table.sort(pair_list, function(x, y)
  if x[2] ~= y[2] then return x[2] > y[2] end
  return x[1] < y[1]
end)
while #pair_list > LIMIT do table.remove(pair_list) end

local cooldowns = until_rows('cooldowns')
for _, row in ipairs(cooldowns) do
  row[4] = table.concat(redis.call('ZREVRANGE', PREFIX .. 'robbers:' .. row[1], 0, 2), ', ')
end

add_table('fights', 'fights, protected from everyone',
  { { 'PAIR', 'pair' }, { 'UNTIL', 'untilMs', iso }, { 'LEFT', nil, until_then } }, until_rows('fights'))
add_table('pairs', 'pairs with steals in the last ' .. duration(WINDOW),
  { { 'PAIR', 'pair' }, { 'STEALS', 'steals', int }, { 'THRESHOLD', 'threshold', int }, { 'NEXT IS', 'next' },
  { 'LAST', 'lastAtMs', since }, { 'FIRST FORGOTTEN IN', 'firstForgottenMs', until_then } }, pair_list)
add_table('cooldowns', 'symbols in their cooldown',
  { { 'SYMBOL', 'symbol' }, { 'UNTIL', 'untilMs', iso }, { 'LEFT', nil, until_then },
  { 'ROBBED BY', 'robbers' } }, cooldowns)
return answer()
