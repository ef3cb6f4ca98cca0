-- waiting: plans that wait for room, best first: what each needs, its place, and whose turn it is.
--
--   redis-cli --eval lua/redis-cli/waiting.lua ws:{demo}:account , AAPL 50
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the table; left out: lines for people
--            SYMBOL                 only plans of it
--            LIMIT                  how many are shown, 50 by default, at most 500
--
-- Reads only (EVAL_RO will do) and looks at no more than 5000 plans of the queue, without a SYMBOL at LIMIT.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "waits"

local LIMIT = limit_of(50, 500)
local symbol = words[1] and symbol_of(words[1])
if words[1] and (not symbol or words[2]) then
  return stray(words[symbol and 2 or 1], 'a symbol, a limit')
end

local all = redis.call('ZCARD', PREFIX .. 'waiting')
local rows, looked, gone, more = {}, 0, 0, 0
while looked < all and looked < (symbol and 5000 or LIMIT + gone) do
  local members = redis.call('ZRANGE', PREFIX .. 'waiting', looked, looked + 99)
  if #members == 0 then break end
  for _, member in ipairs(members) do
    looked = looked + 1
    local plan = string.sub(member, 17)
    local wait = wait_of_plan(plan)
    if not wait then
      gone = gone + 1
    else
      local terms = redis.call('HMGET', PREFIX .. 'plan:' .. plan, 'symbol', 'side', 'pnl', 'limit')
      if (not symbol or terms[1] == symbol) and #rows < LIMIT then
        rows[#rows + 1] = { looked - gone, plan, terms[1] or '', terms[2] or '', terms[3] or '',
          wait.need_micros, wait.pool == '-' and '' or wait.pool, wait.needs_cash, turn_left(plan),
          wait.host, wait.since_ms, terms[4] or '' }
      elseif not symbol or terms[1] == symbol then
        more = more + 1
      end
    end
  end
end
if not symbol then more = math.max(0, all - gone - #rows) end

local function yes_or_no(flag) return flag and 'yes' or 'no' end
local function turn_words(left_ms) return 'now, ' .. int(left_ms) .. ' ms left' end

local rooms = {}
for pool in string.gmatch(account.pools or 'total', '[^;]+') do
  rooms[#rooms + 1] = { pool, room(pool) }
end
local waiting = all - gone
add_facts(nil, { { 'waiting', 'waiting', waiting, int(waiting) .. (waiting == 1 and ' plan' or ' plans') },
  { 'turns', nil, nil, turns_words() } })
add_value('turnsNamed', tonumber(account.turns_named or 0))
add_value('turnsPassedOver', tonumber(account.turns_passed_over or 0))
add_value('silentHosts', { list = silent_hosts() })
add_table('room', 'room', { { 'POOL', 'pool', nil, 1 }, { 'ROOM', 'roomMicros', usd, 1 } }, rooms)
add_table('plans', (symbol and 'plans of ' .. symbol or 'plans') .. ', best first: '
  .. string.format('%d of %d', #rows, #rows + more)
  .. (looked < all and symbol and ' (' .. int(looked) .. ' of ' .. int(all) .. ' examined)' or ''),
  { { 'PLACE', 'place', int, 1 }, { 'PLAN', 'plan', nil, 1 }, { 'SYMBOL', 'symbol', nil, 2 },
  { 'SIDE', 'side', nil, 6 }, { 'PNL', 'pnl', nil, 2 }, { 'NEEDS', 'needMicros', usd, 1 },
  { 'POOL', 'pool', nil, 3 }, { 'CASH', 'needsCash', yes_or_no, 5 }, { 'TURN', 'turnLeftMs', turn_words, 2 },
  { 'HOST', 'host', nil, 4 }, { 'WAITS', 'sinceMs', since, 3 }, { 'LIMIT', 'limit', nil, 7 } }, rows, more)
add_value('more', more)
return answer()
