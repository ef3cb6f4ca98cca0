-- Plans that wait for room: how many there are, and what the best of them needs.

--- @include "integers"
--- @include "account"
--- @include "format"
--- @include "waits"

-- Plans whose host is gone are passed by, at most so many.
local LOOK_BEST = 32

-- How many wait, the best as {plan, symbol, pnl, needMicros} (nil where nobody waits), and a sentence.
local function queue_state()
  local count, best = redis.call('ZCARD', PREFIX .. 'waiting'), nil
  for _, member in ipairs(redis.call('ZRANGE', PREFIX .. 'waiting', 0, LOOK_BEST - 1)) do
    local plan = string.sub(member, 17)
    local wait = wait_of_plan(plan)
    if wait then
      local terms = redis.call('HMGET', PREFIX .. 'plan:' .. plan, 'symbol', 'pnl')
      best = { { 'plan', plan }, { 'symbol', terms[1] or '' }, { 'pnl', terms[2] or '' },
        { 'needMicros', wait.need_micros } }
      break
    end
  end
  if count == 0 then return count, nil, 'no plan waits for room; turns: ' .. turns_words() end
  local said = int(count) .. (count == 1 and ' plan waits for room' or ' plans wait for room')
  if best then said = said .. '; the best, ' .. best[1][2] .. ', needs ' .. usd(best[4][2]) end
  return count, best, said .. '; turns: ' .. turns_words()
end
