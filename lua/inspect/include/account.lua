-- The account and its settings, as text, as Redis holds them.
local PREFIX = string.match(KEYS[1] or '', '^(ws:{[%w_%-]+}:)account$')
if not PREFIX then
  return redis.error_reply('USAGE redis-cli --eval lua/redis-cli/SCRIPT.lua ws:{ACCOUNT}:account')
end

local function hash(name)
  local flat, map = redis.call('HGETALL', PREFIX .. name), {}
  for i = 1, #flat, 2 do map[flat[i]] = flat[i + 1] end
  return map
end

local account, settings = hash('account'), hash('settings')
local account_name = string.sub(PREFIX, 5, -3)
if not account.state then
  return redis.error_reply('UNKNOWN there is no account "' .. account_name .. '" in this Redis')
end
if not next(settings) then
  return redis.error_reply('DAMAGED the settings of "' .. account_name
    .. '" are gone; a keeper rebuilds the book from the broker')
end

local function micros(field) return tonumber(account[field] or 0) end
local function room(pool)
  return micros('cap_micros:' .. pool) - micros('positions_micros:' .. pool) - micros('orders_micros:'
    .. pool)
end
