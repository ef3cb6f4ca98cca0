-- Closed for entries: causes that can hold at once, beside `halted` and `unsynced` (I8). Exits are not kept from closing a position.
--
--   closed_by   field of the account: the causes, joined by `;`; absent or '' while it is open
--   closures    hash: cause -> `since_ms words`, since_ms in health time

--- @include "events"

local function has_cause(cause)
  return string.find(';' .. (account['closed_by'] or '') .. ';', ';' .. cause .. ';', 1, true) ~= nil
end

-- After the book was opened. True when it was not closed for this cause; else only the words are renewed.
local function close_account(cause, words)
  local since_ms = health_ms
  local known = has_cause(cause)
  if known then
    since_ms = tonumber(string.match(redis.call('HGET', PREFIX .. 'closures', cause) or '', '^(%d+) ')) or health_ms
  end
  redis.call('HSET', PREFIX .. 'closures', cause, int(since_ms) .. ' ' .. words)
  if known then return false end
  local others = account['closed_by'] or ''
  set('closed_by', others == '' and cause or others .. ';' .. cause)
  emit('closed', 'cause', cause, 'reason', words)
  return true
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
  emit('reopened', 'cause', cause)
  return true
end
