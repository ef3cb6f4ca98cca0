-- Who could steal now (docs/rules.md, 4.9): plans that were near enough and found nothing to take. The step
-- that offers an order more, or frees room that is too little for anybody, names the best of them; a better
-- one finds all that a worse one finds. Those it names may be kept from stealing for a cause of their own: a
-- fight, or too much that they need. Then the next one is named, up to 64 of them.
--
--   thieves      zset   see waiting
--   thieves_at   field of the account: the place in `thieves` of the next to be named; 0: nobody

--- @include "integers"
--- @include "account"
--- @include "events"
--- @include "waiting"
--- @include "hosts-heard"

local CHANCES_LIMIT, LOOK_CHANCES, THIEVES_LIMIT = 8, 32, 64

-- After these answers nobody worse finds anything.
local LAST = { pnl_not_better = true, no_candidates = true }

-- Names up to `limit` of them from this place on; those whose host is gone leave.
local function name_from(at, limit)
  local members = redis.call('ZRANGE', PREFIX .. 'thieves', int(at), int(at + LOOK_CHANCES - 1))
  local plans, chosen = {}, {}
  for i, member in ipairs(members) do plans[i] = plan_of_waiting(member) end
  for i, text in ipairs(#plans > 0 and redis.call('HMGET', PREFIX .. 'waits', unpack(plans)) or {}) do
    if #chosen == limit then break end
    local wait = read_wait(text)
    if not wait or is_over(plans[i], wait) then
      leave_queue(plans[i])
    else
      at = at + 1
      if not is_silent(wait.host) then chosen[#chosen + 1] = plans[i] end
    end
  end
  set('thieves_at', #chosen == limit and at < THIEVES_LIMIT and at or 0)
  if #chosen > 0 then emit('chance', 'plans', table.concat(chosen, ';')) end
end

local function name_thieves()
  name_from(0, CHANCES_LIMIT)
end

-- One of those that wait was refused again.
local function name_next_thief(reason)
  load_account({ 'thieves_at' })
  local at = number('thieves_at')
  if at == 0 then return end
  if LAST[reason] then set('thieves_at', 0) else name_from(at, 1) end
end
