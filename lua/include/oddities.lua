-- What the keeper could not count, and what made its reconciliations fail; `status` shows it.
--
--   oddities            hash: "what id" (of a position: its symbol) -> "since_ms counts symbol|why"; since_ms
--                       in health time
--   reconcile_failure   hash: at_ms, first_ms (health time), times in a row, words; over_ms once one
--                       succeeded

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "events"

local function note_failure(words)
  local key = PREFIX .. 'reconcile_failure'
  local before = redis.call('HMGET', key, 'times', 'over_ms')
  local again = before[1] and not before[2]
  local times = again and tonumber(before[1]) + 1 or 1
  if not again then redis.call('HSET', key, 'first_ms', health_ms) end
  redis.call('HDEL', key, 'over_ms')
  redis.call('HSET', key, 'at_ms', health_ms, 'times', times, 'words', words)
end

local function end_failures()
  local key = PREFIX .. 'reconcile_failure'
  local before = redis.call('HMGET', key, 'times', 'over_ms')
  if before[1] and not before[2] then redis.call('HSET', key, 'over_ms', health_ms) end
end

-- Replaces the list. Known items keep their time; each new one emits an event.
local function note_oddities(items)
  local key = PREFIX .. 'oddities'
  local before = {}
  local flat = redis.call('HGETALL', key)
  for i = 1, #flat, 2 do before[flat[i]] = flat[i + 1] end
  if #flat > 0 then redis.call('DEL', key) end
  for _, item in ipairs(items) do
    local field = item.what .. ' ' .. (item.id ~= '' and item.id or item.symbol)
    local since_ms = string.match(before[field] or '', '^(%d+) ') or int(health_ms)
    redis.call('HSET', key, field, since_ms .. ' ' .. (item.counts and '1' or '0') .. ' ' .. item.symbol
      .. '|' .. item.why)
    if not before[field] then
      emit('odd', 'item', field, 'symbol', item.symbol, 'counts', item.counts and '1' or '0',
        'reason', item.why)
    end
  end
end
