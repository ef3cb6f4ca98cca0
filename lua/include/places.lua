-- The place of a strategy's plan: one symbol, one side (planned:<strategy>, see plans).

--- @include "integers"
--- @include "account"
--- @include "plans"

local NUMBERS_LIMIT = 256

-- If the record is malformed, finds the latest plan of `series` by its number: `series`, `series-2`, ...
local function find_place(series)
  local count = 0
  local function id_of(nth) return nth == 1 and series or series .. '-' .. int(nth) end
  for nth = 1, series and NUMBERS_LIMIT or 0 do
    if redis.call('EXISTS', PREFIX .. 'plan:' .. id_of(nth)) == 1 then count = nth end
  end
  local id = count == 0 and '' or id_of(count)
  return { count = count, terms = count == 0 and '-' or '?', id = id, expires_at_ms = 0 }
end

local function read_place(strategy, symbol, side, series)
  local text = redis.call('HGET', PREFIX .. 'planned:' .. strategy, symbol .. ' ' .. side) or '0 -  0'
  local count, terms, id, expires_at_ms = string.match(text, '^(%d+) (%S+) (%S*) (%d+)$')
  if not count then return find_place(series) end
  return { count = tonumber(count), terms = terms, id = id, expires_at_ms = tonumber(expires_at_ms) }
end

local function write_place(strategy, symbol, side, count, terms, id, expires_at_ms)
  redis.call('HSET', PREFIX .. 'planned:' .. strategy, symbol .. ' ' .. side,
    int(count) .. ' ' .. terms .. ' ' .. id .. ' ' .. int(expires_at_ms))
end

-- Withdraws its plan: withdrawn (no host held it), asked (a host holds it), ended (before), none.
local function vacate(place, reason)
  if place.id == '' or place.terms == '-' then return 'none' end
  local plan = redis.call('HMGET', PREFIX .. 'plan:' .. place.id, 'stage', 'owner', 'ended_at_ms',
    'withdraw_asked', 'symbol')
  if not plan[1] or plan[3] then return 'ended' end
  if plan[4] then return 'asked' end
  return withdraw_plan(place.id, plan[5], plan[1], plan[2], reason) and 'withdrawn' or 'asked'
end
