-- Put around every command (src/ledger/scripts.ts): what happens when it fails in the middle, for a key is
-- missing or holds something odd. A script that failed may have written half. So the book is marked as
-- damaged: no command opens it any more, nothing is admitted, until the keeper has emptied it (mend) and
-- rebuilt it from the broker (I2, I8). Reply: an error, `FAULT message`.
local ok, answer = pcall(command)
if ok then return answer end
local message = string.gsub(type(answer) == 'table' and answer.err or tostring(answer), '%c', ' ')

-- What the server refuses as a whole, before the first write: nothing is damaged.
for _, refusal in ipairs({ 'OOM', 'READONLY', 'NOREPLICAS', 'MISCONF', 'LOADING', 'BUSY', 'MASTERDOWN',
  'NOPERM', 'CLUSTERDOWN', 'MOVED', 'ASK', 'TRYAGAIN', 'CROSSSLOT', 'Write commands are not allowed',
  'The user executing the script' }) do
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
