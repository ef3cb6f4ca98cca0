-- The account hash as this call sees it: read once, changed in memory, written once by save_account (I2: the running
-- totals move together or not at all).

local PREFIX = string.sub(KEYS[1], 1, -8)         -- KEYS[1] is ws:{account}:account

local account = {}                                -- field -> text or number
local changed = {}

local function load_account(fields)
  local values = redis.call('HMGET', KEYS[1], unpack(fields))
  for i = 1, #fields do account[fields[i]] = values[i] or nil end
end

local function number(field)
  return tonumber(account[field] or 0)
end

local function set(field, value)
  account[field] = value
  changed[field] = true
end

local function add(field, delta)
  if delta ~= 0 then set(field, number(field) + delta) end
end

local function save_account()
  local list = {}
  for field in pairs(changed) do
    list[#list + 1] = field
    list[#list + 1] = account[field]
  end
  if #list > 0 then redis.call('HSET', KEYS[1], unpack(list)) end
  changed = {}
end

-- A pool's three figures; read when first asked for.
local function pool_fields(pool)
  local cap = 'cap_micros:' .. pool
  if account[cap] == nil then load_account({ cap, 'orders_micros:' .. pool, 'positions_micros:' .. pool }) end
end

-- cap - positions - live orders; below 0 when the cap was lowered or prices moved (I1)
local function room(pool)
  pool_fields(pool)
  return number('cap_micros:' .. pool) - number('positions_micros:' .. pool) - number('orders_micros:' .. pool)
end

-- Is the pool one of the account's? '' (none of its own) always is.
local function has_pool(pool)
  if pool == '' then return true end
  pool_fields(pool)
  return account['cap_micros:' .. pool] ~= nil
end

local function add_orders(pool, delta)
  pool_fields(pool)
  add('orders_micros:' .. pool, delta)
end

local function add_positions(pool, delta)
  pool_fields(pool)
  add('positions_micros:' .. pool, delta)
end
