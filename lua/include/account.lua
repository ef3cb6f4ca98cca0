-- The account hash as this call sees it: changed in memory, and written once by save_account (I2: the running
-- totals move together or not at all). What every command needs is read at once (load_book); any other field
-- is read when it is first asked for.

--- @include "integers"

local PREFIX                                      -- of the account's other keys
local account, changed                            -- account: field -> text or number; false: it has none
local pools                                       -- pool -> the names of its three fields

local ON_DEMAND = {
  __index = function(fields, name)
    local value = redis.call('HGET', KEYS[1], name)
    fields[name] = value
    return value
  end,
}

-- account.news is no field of the hash, but what this call changes for plans that wait for room: freed (there
-- may be more room), offered (an order more may be taken), room_at_open (of total). The end of the call names
-- those who may try (turns, chances).

-- Each call begins with this (src/ledger/scripts.ts): a function of Redis keeps what an earlier call left.
-- Returns the refusal, if any: all other keys are derived from the account's, so a call by hand that names
-- another key writes nothing.
local function begin_account()
  account, changed, pools = setmetatable({}, ON_DEMAND), {}, {}
  account.news = { room_at_open = math.huge }
  if #KEYS ~= 1 or #KEYS[1] > 77 or not string.find(KEYS[1], '^ws:{[%w_%-]+}:account$') then
    local given = #KEYS == 1 and KEYS[1] or #KEYS .. ' keys'
    return { 'invalid', 'field', 'KEYS', 'value', string.sub(given, 1, 64), 'expected',
      'one key, ws:{account}:account' }
  end
  PREFIX = string.sub(KEYS[1], 1, -8)
  return nil
end

local function load_account(fields)
  local values = redis.call('HMGET', KEYS[1], unpack(fields))
  for i = 1, #fields do account[fields[i]] = values[i] end
end

local function number(field)
  local value = account[field]
  if type(value) == 'string' then
    value = tonumber(value)
    if not value then error('the account\'s ' .. field .. ' is no number') end
    account[field] = value
  end
  return value or 0
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
    local value = account[field]
    list[#list + 1] = type(value) == 'number' and int(value) or value
  end
  if #list > 0 then redis.call('HSET', KEYS[1], unpack(list)) end
  changed = {}
end

local TOTAL = { cap = 'cap_micros:total', orders = 'orders_micros:total',
  positions = 'positions_micros:total' }

-- The names of a pool's three fields, built once per call. Those of `total` are read with the book.
local function pool_fields(pool)
  if pool == 'total' then return TOTAL end
  local fields = pools[pool]
  if fields then return fields end
  fields = { cap = 'cap_micros:' .. pool, orders = 'orders_micros:' .. pool, positions = 'positions_micros:'
    .. pool }
  pools[pool] = fields
  if rawget(account, fields.cap) == nil then
    load_account({ fields.cap, fields.orders, fields.positions })
  end
  return fields
end

-- Can this amount be added? All sums together must stay below 2^53, where doubles are exact (I2).
local function is_countable(more_micros)
  return number('orders_micros:total') + number('positions_micros:total') + more_micros <= MAX_INTEGER
end

-- cap - positions - live orders; below 0 when the cap was lowered or prices moved (I1)
local function room(pool)
  local fields = pool_fields(pool)
  return number(fields.cap) - number(fields.positions) - number(fields.orders)
end

-- Does the account have this pool? Always yes for '' (no pool of its own).
local function has_pool(pool)
  return pool == '' or account[pool_fields(pool).cap] ~= false
end

local function add_orders(pool, delta)
  if delta < 0 then account.news.freed = true end
  add(pool_fields(pool).orders, delta)
end

local function add_positions(pool, delta)
  if delta < 0 then account.news.freed = true end
  add(pool_fields(pool).positions, delta)
end
