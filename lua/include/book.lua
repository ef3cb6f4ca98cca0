-- Opening the book: what each command does after its arguments were checked.

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "server"
--- @include "due"

-- What every command needs of the account, in one read and one table. `configure` makes a new account with
-- these fields first: Redis finds a field of a small hash by going through it from its begin.
local function load_book()
  local v = redis.call('HMGET', KEYS[1], 'state', 'damaged', 'closed_by', 'clock_mode', 'health_high_ms',
    'lease_due_ms', 'cooldown_due_ms', 'turn_due_ms', 'waiting', 'server_id', 'synced_at_ms',
    'sync_max_age_ms', 'recalled', 'cap_micros:total', 'orders_micros:total', 'positions_micros:total',
    'recorded_until_ms', 'settings_version')
  account = setmetatable({ news = account.news, state = v[1], damaged = v[2], closed_by = v[3],
    clock_mode = v[4], health_high_ms = v[5], lease_due_ms = v[6], cooldown_due_ms = v[7],
    turn_due_ms = v[8], waiting = v[9], server_id = v[10], synced_at_ms = v[11], sync_max_age_ms = v[12],
    recalled = v[13],
    ['cap_micros:total'] = v[14], ['orders_micros:total'] = v[15], ['positions_micros:total'] = v[16],
    recorded_until_ms = v[17], settings_version = v[18] },
    ON_DEMAND)
end

-- health_high_ms: the latest health time seen, written at most once per second.
local function went_back()
  if account['clock_mode'] == 'manual' then return false end
  local high = number('health_high_ms')
  if health_ms >= high + 1000 then set('health_high_ms', health_ms) end
  return health_ms < high - STEP_BACK_MS
end

-- After the clock went back, stored times lie in the future: leases of dead hosts, quote ages, the last
-- reconciliation. The book is emptied and rebuilt (mend). Plan leases keep their remaining time (I7, I8).
local function follow_step_back()
  --- @include "closures"
  local back_ms = number('health_high_ms') - health_ms
  local leases = redis.call('ZRANGEBYSCORE', PREFIX .. 'plans', int(health_ms), '+inf', 'WITHSCORES',
    'LIMIT', '0', '10000')
  for i = 1, #leases, 2 do
    redis.call('ZADD', PREFIX .. 'plans', int(math.max(0, tonumber(leases[i + 1]) - back_ms)), leases[i])
  end
  set('health_high_ms', health_ms)
  damage_account('the clock of Redis went back by ' .. int(math.floor(back_ms / 1000)) .. ' s')
  save_account()
end

-- False when the account does not exist, or when its book is damaged (guard): the command must stop.
local function open_book()
  load_book()
  if not account['state'] or account['damaged'] == '1' then return false end
  if not account['orders_micros:total'] or not account['positions_micros:total'] then
    error('the account lacks a sum')
  end
  read_clock()
  if went_back() then
    follow_step_back()
    return false
  end
  if number('waiting') > 0 then account.news.room_at_open = room('total') end
  bring_up_to_date()
  return true
end

local function is_synced_lately()
  local age_ms = health_ms - number('synced_at_ms')
  return age_ms <= number('sync_max_age_ms') and age_ms >= -STEP_BACK_MS
end

-- May this entry probe whether the broker takes the account's orders again? (closures)
local function is_probe(id)
  if account['closed_by'] ~= 'broker' or not id then return false end
  load_account({ 'shut_told', 'probe_order', 'probe_at_ms' })
  if account['shut_told'] == '1' then return false end
  return account['probe_order'] == id or (number('probe_at_ms') > 0 and health_ms >= number('probe_at_ms'))
end

-- Why no entry may be admitted now (I8): halted, closed for a cause (closures), or not reconciled recently on
-- this server; nil when one may. `id`: an entry that may pass as a probe.
local function closed(server_id, id)
  if account['state'] == 'halted' then return 'halted' end
  if (account['closed_by'] or '') ~= '' and not is_probe(id) then return 'closed' end
  if not is_synced_lately() or not is_ours(server_id) then return 'unsynced' end
  return nil
end

-- Ends a command: names the plans that may try now, while the account is open for entries (those that fit in
-- the room that came free; or those that could take what is offered, or that lack less now), saves the
-- account's changed fields and returns the reply.
local function reply(...)
  local grew = number('waiting') > 0 and room('total') > account.news.room_at_open
  if number('waiting') > 0 and (account.news.freed or account.news.offered or grew)
    and account['state'] == 'running' and (account['closed_by'] or '') == '' and is_synced_lately() then
    --- @include "turns"
    --- @include "chances"
    local named = account.news.freed and name_next(grew)
    if account.news.offered or (grew and not named) then name_thieves() end
  end
  save_account()
  return { ... }
end
