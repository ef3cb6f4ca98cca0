-- Wraps every command (src/ledger/scripts.ts). A command may fail half-way, after some of its writes, when a
-- key is missing or malformed. The book is then marked as damaged: no command opens it, and nothing is
-- admitted, until the keeper has emptied it (mend) and rebuilt it from the broker (I2, I8). Reply: an error,
-- `FAULT message`.
local function guarded(call)
  has_written()                                   -- what an earlier call left
  local ok, answer = pcall(call)
  if ok then return answer end
  local message = string.gsub(type(answer) == 'table' and answer.err or tostring(answer), '%c', ' ')

  -- Errors by which the server refuses a script before its first write: nothing is damaged. A user's missing
  -- right may show later.
  for _, refusal in ipairs(has_written() and {} or { 'OOM', 'READONLY', 'NOREPLICAS', 'MISCONF', 'LOADING',
    'BUSY', 'MASTERDOWN', 'NOPERM', 'CLUSTERDOWN', 'MOVED', 'ASK', 'TRYAGAIN', 'CROSSSLOT',
    'Write commands are not allowed', 'The user executing the script' }) do
    if string.find(' ' .. message, '[ %-]' .. refusal .. ' ') then return redis.error_reply(message) end
  end

  local state = redis.pcall('HGET', KEYS[1], 'state')
  if type(state) == 'string' then
    local causes = redis.call('HGET', KEYS[1], 'closed_by') or ''
    if not string.find(';' .. causes .. ';', ';fault;', 1, true) then
      causes = causes == '' and 'fault' or causes .. ';fault'
    end
    redis.call('HSET', KEYS[1], 'damaged', '1', 'synced_at_ms', '0', 'closed_by', causes)
    local PREFIX = string.sub(KEYS[1], 1, -8)
    redis.pcall('HSET', PREFIX .. 'closures', 'fault', redis.call('TIME')[1] .. '000 '
      .. string.sub(message, 1, 200))
  end
  return redis.error_reply('FAULT ' .. message)
end
