-- Whose turn it is (docs/rules.md, 4.9): the step that frees room names the best plans that wait, as many as
-- fit in it together. Nothing is held back for them: whoever asks first gets the room. The next room that
-- comes free is named to others, as long as it is their turn.

--- @include "integers"
--- @include "bytes"
--- @include "account"
--- @include "clock"
--- @include "events"
--- @include "cash"
--- @include "waiting"
--- @include "hosts-heard"

-- How many are named at once, and how many may have their turn at a time; how many a call looks at, best
-- first, and then of those that need the least; how long a turn lasts.
local NAMED_LIMIT, TURNS_LIMIT, LOOK_LIMIT, LOOK_LEAST, TURN_MS = 8, 64, 128, 32, 150

local function set_turn_due()
  local first = redis.call('ZRANGE', PREFIX .. 'turns', '0', '0', 'WITHSCORES')
  set('turn_due_ms', first[2] and tonumber(first[2]) or 0)
end

-- Those who did not come in time: what was theirs is for the next.
local function pass_over()
  local late = redis.call('ZRANGEBYSCORE', PREFIX .. 'turns', '-inf', int(health_ms), 'LIMIT', '0',
    int(TURNS_LIMIT))
  if #late > 0 then
    redis.call('ZREM', PREFIX .. 'turns', unpack(late))
    for i, text in ipairs(redis.call('HMGET', PREFIX .. 'waits', unpack(late))) do
      local wait = read_wait(text)
      if wait then note_silent(wait.host) end
    end
    redis.call('HINCRBY', KEYS[1], 'turns_passed_over', int(#late))
    emit('passed_over', 'plans', table.concat(late, ';'))
    account.news.freed = true
  end
  set_turn_due()
end

-- The room that is free and was not named to anybody yet; nil for none. A pool's is read when it is asked
-- for.
local function unnamed_room()
  local free = { total = room('total'), cash = cash_room() }
  setmetatable(free, { __index = function(_, pool)
    local micros = has_pool(pool) and room(pool) or 0
    rawset(free, pool, micros)
    return micros
  end })
  return free
end

local function fits(wait, free)
  return wait.need_micros <= free.total and (wait.pool == '-' or wait.need_micros <= free[wait.pool])
    and (not wait.needs_cash or wait.need_micros <= free.cash)
end

local function take(wait, free)
  free.total = free.total - wait.need_micros
  if wait.pool ~= '-' then free[wait.pool] = free[wait.pool] - wait.need_micros end
  if wait.needs_cash then free.cash = free.cash - wait.need_micros end
end

-- The same plans in the order of the queue.
local function best_first(plans)
  local members, at = {}, {}
  for i, text in ipairs(#plans > 0 and redis.call('HMGET', PREFIX .. 'waits', unpack(plans)) or {}) do
    local wait = read_wait(text)
    local member = wait and waiting_member(plans[i], wait.filed_at_ms)
    local score = member and redis.call('ZSCORE', PREFIX .. 'waiting', member)
    if score then
      members[#members + 1] = member
      at[member] = tonumber(score)
    end
  end
  table.sort(members, function(a, b)
    if at[a] ~= at[b] then return at[a] < at[b] end
    return is_before(a, b)
  end)
  for i, member in ipairs(members) do members[i] = plan_of_waiting(member) end
  return members
end

-- Room may have come free, and the account is open for entries. `grew`: it did; else somebody's turn is over,
-- and no more than 8 have theirs at a time. Returns whether somebody was named.
local function name_next(grew)
  if room('total') <= 0 then return false end
  local least = redis.call('ZRANGE', PREFIX .. 'waits_by_need', '0', '0', 'WITHSCORES')[2]
  if not least or room('total') < tonumber(least) then return false end

  local free, named, limit = unnamed_room(), {}, NAMED_LIMIT
  if number('turn_due_ms') > 0 then
    local theirs = redis.call('ZRANGE', PREFIX .. 'turns', '0', int(TURNS_LIMIT - 1))
    limit = math.min(limit, grew and TURNS_LIMIT - #theirs or NAMED_LIMIT - #theirs)
    if limit <= 0 then return false end
    for i, text in ipairs(#theirs > 0 and redis.call('HMGET', PREFIX .. 'waits', unpack(theirs)) or {}) do
      local wait = read_wait(text)
      named[theirs[i]] = true
      if wait then take(wait, free) end
    end
  end

  local chosen, turns, until_ms = {}, {}, int(health_ms + TURN_MS)
  -- The next of a list of plans; those that are over leave. Returns how many left.
  local function choose(plans)
    local left = 0
    if #plans == 0 then return left end
    for i, text in ipairs(redis.call('HMGET', PREFIX .. 'waits', unpack(plans))) do
      if #chosen == limit or free.total < tonumber(least) then break end
      local plan, wait = plans[i], read_wait(text)
      if wait and not named[plan] and fits(wait, free) then
        if is_over(plan, wait) then
          leave_queue(plan)
          left = left + 1
        elseif not is_silent(wait.host) then
          take(wait, free)
          named[plan] = true
          chosen[#chosen + 1] = plan
          turns[#turns + 1], turns[#turns + 2] = until_ms, plan
        end
      end
    end
    return left
  end

  local at, looked = 0, 0
  while looked < LOOK_LIMIT and #chosen < limit and free.total >= tonumber(least) do
    local members = redis.call('ZRANGE', PREFIX .. 'waiting', int(at), int(at + 31))
    if #members == 0 then break end
    local plans = {}
    for i, member in ipairs(members) do plans[i] = plan_of_waiting(member) end
    at, looked = at + #members - choose(plans), looked + #members
  end
  if #chosen == 0 and free.total >= tonumber(least) then
    choose(best_first(redis.call('ZRANGEBYSCORE', PREFIX .. 'waits_by_need', '-inf', int(free.total), 'LIMIT',
      '0', int(LOOK_LEAST))))
  end
  if #chosen == 0 then return false end
  redis.call('ZADD', PREFIX .. 'turns', unpack(turns))
  set_turn_due()
  redis.call('HINCRBY', KEYS[1], 'turns_named', int(#chosen))
  emit('turn', 'plans', table.concat(chosen, ';'), 'room_micros', int(room('total')),
    'lasts_ms', TURN_MS)
  return true
end
