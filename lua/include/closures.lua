-- Closures: causes that stop entries, several at once, besides `halted` and `unsynced` (I8). Exits may still
-- close positions.
--
--   closed_by   field of the account: the causes, joined by `;`; absent or '' while it is open
--   closures    hash: cause -> `since_ms words`, since_ms in health time
--
-- An account closed for `broker` reopens by itself. If the broker's account report said that it takes no
-- orders, it reopens when the report changes. Otherwise single entries are sent as probes; when the broker
-- takes one, the account reopens. Fields of the account, all in health time:
--
--   shut_told                    1 while the broker's account report says that it takes no orders; no probes
--                                then
--   probe_order, probe_at_ms     the last entry let through; when the next one may be
--   probe_pause_ms, reopened_ms  the pause between two, doubled by each refusal; when a probe last reopened
--                                the account

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "events"

local function has_cause(cause)
  return string.find(';' .. (account['closed_by'] or '') .. ';', ';' .. cause .. ';', 1, true) ~= nil
end

-- Needs an open book. True when the cause is new; otherwise only the words are updated.
local function close_account(cause, words)
  local since_ms = health_ms
  local known = has_cause(cause)
  if known then
    since_ms = tonumber(string.match(redis.call('HGET', PREFIX .. 'closures', cause) or '', '^(%d+) '))
      or health_ms
  end
  redis.call('HSET', PREFIX .. 'closures', cause, int(since_ms) .. ' ' .. words)
  if known then return false end
  local others = account['closed_by'] or ''
  set('closed_by', others == '' and cause or others .. ';' .. cause)
  emit('closed', 'cause', cause, 'reason', words)
  return true
end

-- The book is inconsistent: no command opens it until the keeper has emptied and rebuilt it (mend). False
-- when it was already closed for a fault.
local function damage_account(words)
  set('damaged', '1')
  set('synced_at_ms', 0)
  return close_account('fault', words)
end

local PROBE_FIRST_MS, PROBE_LONGEST_MS = 5000, 300000

local function load_probe()
  load_account({ 'shut_told', 'probe_order', 'probe_at_ms', 'probe_pause_ms', 'reopened_ms' })
end

-- True when it was closed for this cause.
local function reopen_account(cause)
  if not has_cause(cause) then return false end
  local others = {}
  for other in string.gmatch(account['closed_by'], '[^;]+') do
    if other ~= cause then others[#others + 1] = other end
  end
  set('closed_by', table.concat(others, ';'))
  redis.call('HDEL', PREFIX .. 'closures', cause)
  if cause == 'broker' then
    set('probe_order', '')
    set('probe_at_ms', 0)
  end
  account.news.freed = true
  emit('reopened', 'cause', cause)
  return true
end

-- The broker refused this order because it takes none of the account. Orders already under way at the first
-- refusal say nothing new. A refused probe does, and so does a refusal soon after a successful probe: both
-- double the next pause.
local function refused_for_account(id, words)
  load_probe()
  local is_news = close_account('broker', words)
  if not is_news and account['probe_order'] ~= id then return is_news end
  local pause_ms = number('probe_pause_ms')
  local is_again = not is_news
    or (number('reopened_ms') > 0 and health_ms - number('reopened_ms') <= 2 * pause_ms)
  pause_ms = is_again and math.min(2 * pause_ms, PROBE_LONGEST_MS) or PROBE_FIRST_MS
  set('probe_pause_ms', math.max(pause_ms, PROBE_FIRST_MS))
  set('probe_at_ms', health_ms + number('probe_pause_ms'))
  set('probe_order', '')
  return is_news
end

-- An entry passes although the account is closed (`is_probe` of the book). No other may until the pause is
-- over.
local function begin_probe(order)
  if order.kind == 'exit' or (account['closed_by'] or '') == '' or account['probe_order'] == order.id then
    return
  end
  load_probe()
  set('probe_order', order.id)
  set('probe_at_ms', health_ms + math.max(number('probe_pause_ms'), PROBE_FIRST_MS))
end

-- The broker took this order. If it was the probe, the account reopens.
local function broker_took(order)
  if not has_cause('broker') then return end
  load_probe()
  if account['probe_order'] ~= order.id then return end
  set('reopened_ms', health_ms)
  reopen_account('broker')
end
