-- Steals and refusals of the last hour, and the plans that may not steal for a while (bars).

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "history"

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

local BARS_SHOWN = 10

-- Plans that may not steal for a while (bars), the earliest to be free first; and their number.
local function bar_rows()
  local from, rows = '(' .. int(now_ms), {}
  for _, plan in ipairs(redis.call('ZRANGEBYSCORE', PREFIX .. 'bars', from, '+inf', 'LIMIT', 0,
    BARS_SHOWN)) do
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
