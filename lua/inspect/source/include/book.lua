-- the account, its clocks, the words after the key
local PREFIX = string.match(KEYS[1] or '', '^(ws:{[%w_%-]+}:)account$')
if not PREFIX then return redis.error_reply('USAGE redis-cli --eval lua/inspect/SCRIPT.lua ws:{ACCOUNT}:account') end

local function hash(name)
  local flat, map = redis.call('HGETALL', PREFIX .. name), {}
  for i = 1, #flat, 2 do map[flat[i]] = flat[i + 1] end
  return map
end

local account, settings = hash('account'), hash('settings')
local account_name = string.sub(PREFIX, 5, -3)
if not account.state then return redis.error_reply('UNKNOWN there is no account "' .. account_name .. '" in this Redis') end

-- health_ms: leases and quotes; now_ms: the rules (lua/include/clock.lua)
local time = redis.call('TIME')
local health_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local now_ms = health_ms
if account.clock_mode == 'manual' then
  now_ms, health_ms = tonumber(account.clock_base_ms), tonumber(account.clock_health_ms)
elseif account.clock_mode == 'scaled' then
  now_ms = tonumber(account.clock_base_ms) + math.floor((health_ms - tonumber(account.clock_health_ms)) * tonumber(account.clock_scale))
end

local function micros(field) return tonumber(account[field] or 0) end
local function room(pool) return micros('cap_micros:' .. pool) - micros('positions_micros:' .. pool) - micros('orders_micros:' .. pool) end

-- nanos, health_ms, text; nothing where there is no price or it is too old to be one
local function price_of(symbol)
  local text, nanos, at = string.match(redis.call('HGET', PREFIX .. 'quotes', symbol) or '', '^(%S+) (%d+) (%d+)$')
  if not nanos or tonumber(nanos) == 0 or health_ms - tonumber(at) > tonumber(settings.quote_max_age_ms) or tonumber(at) - health_ms > 2000 then
    return nil
  end
  return tonumber(nanos), tonumber(at), text
end

local format, words = 'text', {}
for _, word in ipairs(ARGV) do
  if word == 'json' or word == 'view' then format = word else words[#words + 1] = word end
end

-- The last word that is a number is the limit.
local function limit_of(default, most)
  for i = #words, 1, -1 do
    if string.find(words[i], '^%d+$') then return math.max(1, math.min(most, tonumber(table.remove(words, i)))) end
  end
  return default
end
