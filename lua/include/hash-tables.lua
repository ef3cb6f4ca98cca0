-- A hash of at most 512 short fields is a list for Redis, which it searches from its begin for each field.
-- A tick asks for a hundred fields: of a hash of 500 symbols that takes ten times as long as of a table. A
-- hash becomes a table with its first long field, and stays one until it is loaded from a file.

--- @include "account"

-- longer than a field of a list may be (Redis' hash-max-listpack-value, 64)
local LONG_FIELD = string.rep('-', 65)
-- fields; a smaller hash is as quick as a list, and a list takes less memory
local TABLE_FROM = 20
-- A function of Redis remembers its calls; so the first ones count after a restart or a failover.
local EVERY_CALLS, ACCOUNTS_LIMIT = 100, 2000
local calls_of, accounts_known = {}, 0

local function keep_as_table(hash)
  if redis.call('HLEN', hash) < TABLE_FROM then return end
  redis.call('HSET', hash, LONG_FIELD, '')
  redis.call('HDEL', hash, LONG_FIELD)
end

-- Makes tables of what a tick reads by symbol, once in so many calls, from the second on: in the first there
-- may be nothing. A script, which is made anew at each call, does not.
local function keep_tables()
  local calls = calls_of[PREFIX]
  if not calls then
    if accounts_known >= ACCOUNTS_LIMIT then calls_of, accounts_known = {}, 0 end
    accounts_known, calls = accounts_known + 1, 0
  end
  calls_of[PREFIX] = calls + 1
  if calls % EVERY_CALLS ~= 1 then return end
  keep_as_table(PREFIX .. 'quotes')
  keep_as_table(PREFIX .. 'bands')
  keep_as_table(PREFIX .. 'watched')
  keep_as_table(PREFIX .. 'heads:total')
end
