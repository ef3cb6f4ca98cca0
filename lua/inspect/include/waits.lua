-- The queue of plans that wait for room (lua/include/waiting.lua), as it is now: a plan whose host's lease
-- has ended waits no more, even before a command has taken it out.

--- @include "integers"
--- @include "account"
--- @include "clock"

-- What a record says, as text: need, host, filed_at_ms, pool, cash, expires_at_ms, since_ms.
local function wait_terms(text)
  local need, pool, cash, host, filed, expires, since_ms = string.match(text or '',
    '^(%d+) (%S+) ([01]) (%S+) (%d+) (%d+) (%d+)$')
  return need, host, filed, pool, cash, expires, since_ms
end

local function wait_of_plan(plan)
  local text = redis.call('HGET', PREFIX .. 'waits', plan)
  local need, host, _, pool, cash, expires, since_ms = wait_terms(text)
  local until_ms = tonumber(redis.call('ZSCORE', PREFIX .. 'plans', plan) or 0)
  if not need or until_ms <= health_ms or (tonumber(expires) > 0 and now_ms >= tonumber(expires)) then
    return nil
  end
  return { need_micros = tonumber(need), pool = pool, needs_cash = cash == '1', host = host,
    since_ms = tonumber(since_ms) }
end

-- ms until it is passed over; nil: it is not its turn.
local function turn_left(plan)
  local until_ms = redis.call('ZSCORE', PREFIX .. 'turns', plan)
  return until_ms and math.max(0, tonumber(until_ms) - health_ms) or nil
end

local function silent_hosts()
  local hosts = {}
  for host in string.gmatch(account.silent or '', '[^;]+') do hosts[#hosts + 1] = host end
  return hosts
end

local function turns_words()
  local named, passed = account.turns_named or '0', account.turns_passed_over or '0'
  local hosts = silent_hosts()
  return named .. ' so far, ' .. passed .. ' passed over'
    .. (#hosts > 0 and '; passed over until they call again: ' .. table.concat(hosts, ', ') or '')
end
