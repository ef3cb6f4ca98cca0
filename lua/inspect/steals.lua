-- steals: the latest steals, newest first: who took from whom, how much, and how it ended. A granted steal
-- may end `unused` (the thief did not use the freed room) or `refused` (the broker refused its order). Steals
-- of dry runs are included in the state dry_run; they cancelled nothing.
--
--   redis-cli --eval lua/redis-cli/steals.lua ws:{demo}:account , AAPL 50
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the table; left out: lines for people
--            STATE                  one of pending, granted, failed, unused, refused, remembered, dry_run
--            SYMBOL                 only steals by it or from it
--            LIMIT                  how many, 20 by default, at most 500
--
-- Reads only (EVAL_RO will do) and looks at no more than 2000 entries of the history.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "near"
--- @include "history"
--- @include "victims"
--- @include "watches"

local LIMIT = limit_of(20, 500)
local TAKES = 'a state (pending, granted, failed, unused, refused, remembered, dry_run), a symbol, a limit'
local STATES = { 'pending', 'granted', 'failed', 'unused', 'refused', 'remembered', 'dry_run' }
local wanted, symbol = nil, nil
for _, word in ipairs(words) do
  if is_one_of(word, STATES) and not wanted then
    wanted = word
  elseif is_one_of(word, STATES) or is_typo(word, STATES) or symbol or not symbol_of(word) then
    return stray(word, TAKES)
  else
    symbol = symbol_of(word)
  end
end

local function touches(steal)
  if not symbol or steal.thief_symbol == symbol then return true end
  for _, victim in ipairs(steal.victim_symbols) do
    if victim == symbol then return true end
  end
  return false
end

-- Each order's last dry-run decision, in the shape of a steal.
local function dry_runs(look)
  local list = {}
  for i, id in ipairs(redis.call('ZREVRANGE', PREFIX .. 'dry_runs', 0, look - 1)) do
    local details = hash('dry_run:' .. id)
    local symbols = {}
    for at, victim in ipairs(victims_of(details.victims)) do symbols[at] = victim[2] end
    details.state = 'dry_run'
    details.reason = 'nothing was cancelled; asked '
      .. ((details.times or '1') == '1' and 'once' or details.times .. ' times')
    list[i] = { id = id, at_ms = tonumber(details.at_ms or 0), thief_symbol = details.thief_symbol,
      victim_symbols = symbols, details = details }
  end
  return list
end

local list, more = steals_since('-inf', 2000)
for _, dry_run in ipairs(dry_runs(2000)) do list[#list + 1] = dry_run end
table.sort(list, function(a, b)
  if a.at_ms ~= b.at_ms then return a.at_ms > b.at_ms end
  return a.id < b.id
end)
local function details_of(steal) return steal.details or hash('steal:' .. steal.id) end
local function state_of(details) return details.outcome or details.state or 'remembered' end

-- Of a steal that is only remembered, the victims' symbols.
local function victims_in(steal, details)
  local victims = victims_of(details.victims)
  if #victims > 0 then return victims end
  for i, victim_symbol in ipairs(steal.victim_symbols) do victims[i] = { nil, victim_symbol } end
  return victims
end
-- A list of victims, as victim_values makes it, in words.
local function victim_words(victims)
  local told = {}
  for i, v in ipairs(victims.list) do
    told[i] = v[2][2] .. (v[1][2] and ' ' .. v[1][2] .. ' (PnL ' .. v[3][2] .. ')' or '')
  end
  return table.concat(told, ', ')
end

local rows, found = {}, 0
for _, steal in ipairs(list) do
  local is_wanted = touches(steal) and (not wanted or state_of(details_of(steal)) == wanted)
  if is_wanted then found = found + 1 end
  if is_wanted and #rows < LIMIT then
    local details = details_of(steal)
    local victims, room_taken = victims_in(steal, details), 0
    for _, victim in ipairs(victims) do room_taken = room_taken + (victim[4] or 0) end
    local ended = tonumber(details.ended_at_ms)
    rows[#rows + 1] = { steal.at_ms, steal.at_ms, steal.id, steal.thief_symbol, details.thief_pnl,
      state_of(details), ended and ended - steal.at_ms,
      tonumber(details.need_micros), details.victims and room_taken,
      victim_values(victims),
      details.outcome_reason or details.reason, details.watch_until_ms and (details.regret or '0'),
      details.watch_until_ms and (details.gain or '0'), watch_of(details) }
  end
end
add_table('steals', (wanted and wanted .. ' ' or '') .. 'steals' .. (symbol and ' of ' .. symbol or '')
  .. ', newest first' .. (more and ' (the latest 2000 examined)' or ''),
  { { 'AT', 'atMs', iso, 5 }, { 'AGE', nil, since, 3 }, { 'THIEF', 'thief', nil, 1 },
  { 'SYMBOL', 'thiefSymbol', nil, 4 }, { 'PNL', 'thiefPnl', nil, 6 }, { 'STATE', 'state', nil, 1 },
  { 'TOOK', 'tookMs', duration, 6 }, { 'NEEDED', 'needMicros', usd, 5 },
  { 'VICTIMS HELD', 'victimsHeldMicros', usd, 7 }, { 'VICTIMS', 'victims', victim_words, 2 },
  { 'REASON', 'reason', nil, 4 }, { nil, 'regret' }, { nil, 'gain' },
  { nil, 'watch' } }, rows, found - #rows)
values[#values + 1] = { 'more', found - #rows }
return answer()
