-- steals: the latest steals, newest first: who took from whom, how much, and how it ended. A granted steal
-- may end `unused` (the thief did not use the freed room) or `refused` (the broker refused its order). Steals
-- of dry runs are included in the state dry_run; they cancelled nothing.
--
--   redis-cli --eval lua/redis-cli/steals.lua ws:{demo}:account , AAPL 50
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the table; left out: lines for people
--            SYMBOL                 only steals by it or from it
--            LIMIT                  how many, 20 by default, at most 500
--
-- Reads only (EVAL_RO will do) and looks at no more than 2000 entries of the history.

--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "history"

local LIMIT = limit_of(20, 500)
local symbol = words[1] and symbol_of(words[1])
if words[1] and (not symbol or words[2]) then return stray(words[symbol and 2 or 1]) end

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
    for victim_symbol in string.gmatch(details.victims or '', '%S+ (%S+) %S+ %d+;?') do
      symbols[#symbols + 1] = victim_symbol
    end
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
local rows = {}
for _, steal in ipairs(list) do
  if #rows < LIMIT and touches(steal) then
    local details = steal.details or hash('steal:' .. steal.id)
    local victims, room_taken = {}, 0
    for id, victim_symbol, pnl, held in string.gmatch(details.victims or '', '(%S+) (%S+) (%S+) (%d+);?') do
      victims[#victims + 1] = victim_symbol .. ' ' .. id .. ' (PnL ' .. pnl .. ')'
      room_taken = room_taken + tonumber(held)
    end
    local ended = tonumber(details.ended_at_ms)
    rows[#rows + 1] = { steal.at_ms, steal.at_ms, steal.id, steal.thief_symbol, details.thief_pnl,
      details.outcome or details.state or 'remembered', ended and ended - steal.at_ms,
      tonumber(details.need_micros), details.victims and room_taken,
      #victims > 0 and table.concat(victims, ', ') or table.concat(steal.victim_symbols, ', '),
      details.outcome_reason or details.reason }
  end
end
add_table('steals', 'steals' .. (symbol and ' of ' .. symbol or '') .. ', newest first'
  .. (more and ' (the latest 2000 looked at)' or ''),
  { { 'AT', 'atMs', iso }, { 'AGE', nil, since }, { 'THIEF', 'thief' }, { 'SYMBOL', 'thiefSymbol' },
  { 'PNL', 'thiefPnl' }, { 'STATE', 'state' }, { 'TOOK', 'tookMs', duration },
  { 'NEEDED', 'needMicros', usd }, { 'VICTIMS HELD', 'victimsHeldMicros', usd }, { 'VICTIMS', 'victims' },
  { 'REASON', 'reason' } }, rows)
return answer()
