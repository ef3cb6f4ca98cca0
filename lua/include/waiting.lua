-- Plans that were refused for want of room, best first (docs/rules.md, 4.9). They try again when it is their
-- turn (turns), not before. A lost queue costs one retry: whoever tries again is in it again.
--
--   waiting        zset   `filed_at_ms:plan`, score -PnL in nanos: best first, then oldest, then by id
--   waits          hash   plan -> `need_micros pool cash host filed_at_ms expires_at_ms since_ms`: what it
--                         needs (pool - for none, cash 1 where it needs cash), the host that holds it, since
--                         when it waits (ledger time)
--   waits_by_need  zset   plan -> need_micros: does the free room help anybody?
--   thieves        zset   those of `waiting` that were near enough to steal and found nothing to take
--                         (chances), by what each counts as a thief, which is not its PnL under `expected`
--                         (worth)
--   turns          zset   those whose turn it is, by the health time at which they are passed over
--   waiting        field of the account: how many wait; 0 saves all other reads
--   turn_due_ms    field of the account: the soonest time of `turns`; 0: nobody's turn

--- @include "integers"
--- @include "account"
--- @include "clock"

local WAITING_LIMIT = 10000

-- What a record says; nil for a text that is none.
local function read_wait(text)
  local need, pool, cash, host, filed, expires, since = string.match(text or '',
    '^(%d+) (%S+) ([01]) (%S+) (%d+) (%d+) (%d+)$')
  if not need then return nil end
  return { need_micros = tonumber(need), pool = pool, needs_cash = cash == '1', host = host,
    filed_at_ms = tonumber(filed), expires_at_ms = tonumber(expires), since_ms = tonumber(since) }
end

local function waiting_member(plan, filed_at_ms)
  return string.format('%015d:%s', filed_at_ms, plan)
end

local function plan_of_waiting(member)
  return string.sub(member, 17)
end

-- Has the lease of its host ended, or its time? Then it does not wait any more.
local function is_over(plan, wait)
  local until_ms = tonumber(redis.call('ZSCORE', PREFIX .. 'plans', plan) or 0)
  return until_ms <= health_ms or (wait.expires_at_ms > 0 and now_ms >= wait.expires_at_ms)
end

-- It was its turn, and that is over: what it does not take is for the next.
local function end_turn(plan)
  if number('turn_due_ms') > 0 and redis.call('ZREM', PREFIX .. 'turns', plan) == 1 then
    account.news.freed = true
  end
end

local function leave_queue(plan)
  if number('waiting') == 0 then return false end
  local text = redis.call('HGET', PREFIX .. 'waits', plan)
  if not text then return false end
  local wait = read_wait(text)
  redis.call('HDEL', PREFIX .. 'waits', plan)
  if wait then
    redis.call('ZREM', PREFIX .. 'waiting', waiting_member(plan, wait.filed_at_ms))
    redis.call('ZREM', PREFIX .. 'thieves', waiting_member(plan, wait.filed_at_ms))
  end
  redis.call('ZREM', PREFIX .. 'waits_by_need', plan)
  add('waiting', -1)
  end_turn(plan)
  return true
end

-- A wish of a plan lacks room. Only a plan that its host holds and still wants waits. `thief_nanos`: what it
-- counts as a thief; nil when it was not near enough to steal. Returns its place, from 1, and how many wait;
-- nil when it does not wait.
local function join_queue(wish, needs_cash, thief_nanos)
  local plan = redis.call('HMGET', PREFIX .. 'plan:' .. wish.plan, 'owner', 'filed_at_ms', 'expires_at_ms',
    'ended_at_ms', 'withdraw_asked', 'close_asked_ms')
  if plan[1] ~= wish.owner or plan[4] or plan[5] or plan[6] then
    leave_queue(wish.plan)
    return nil
  end
  end_turn(wish.plan)
  local old = redis.call('HGET', PREFIX .. 'waits', wish.plan)
  local had = read_wait(old)
  if not had and number('waiting') >= WAITING_LIMIT then return nil end
  local filed_at_ms = tonumber(plan[2]) or 0
  local member = waiting_member(wish.plan, filed_at_ms)
  local text = table.concat({ int(wish.need_micros), wish.pool == '' and '-' or wish.pool,
    needs_cash and '1' or '0', wish.owner, int(filed_at_ms), int(tonumber(plan[3]) or 0),
    int(had and had.since_ms or now_ms) }, ' ')
  if text ~= old then
    redis.call('HSET', PREFIX .. 'waits', wish.plan, text)
    redis.call('ZADD', PREFIX .. 'waits_by_need', int(wish.need_micros), wish.plan)
  end
  redis.call('ZADD', PREFIX .. 'waiting', int(-wish.pnl), member)
  if thief_nanos then
    redis.call('ZADD', PREFIX .. 'thieves', int(-thief_nanos), member)
  elseif had then
    redis.call('ZREM', PREFIX .. 'thieves', member)
  end
  if not had then add('waiting', 1) end
  return redis.call('ZRANK', PREFIX .. 'waiting', member) + 1, number('waiting')
end

-- The queue is lost or of another book: whoever waits tries again.
local function forget_queue()
  redis.call('DEL', PREFIX .. 'waiting', PREFIX .. 'waits', PREFIX .. 'waits_by_need', PREFIX .. 'turns',
    PREFIX .. 'thieves')
  set('waiting', 0)
  set('turn_due_ms', 0)
end
