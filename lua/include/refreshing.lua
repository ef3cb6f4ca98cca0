-- refresh_symbol (ranking) of many symbols at once, with a few commands for all of them.

--- @include "account"
--- @include "eligibility"
--- @include "ranking"

-- Those of these symbols that are withdrawn (is_withdrawn), true each. Where few are protected or stale, only
-- these are asked about.
local function withdrawn_of(symbols)
  local count = redis.call('SCARD', PREFIX .. 'stale')
  for _, key in ipairs(SYMBOL_PROTECTIONS) do count = count + redis.call('ZCARD', PREFIX .. key) end
  local withdrawn = {}
  local function ask(some)
    for _, symbol in ipairs(some) do withdrawn[symbol] = is_withdrawn(symbol) end
  end
  if count > #symbols then
    ask(symbols)
  elseif count > 0 then
    ask(redis.call('SMEMBERS', PREFIX .. 'stale'))
    for _, key in ipairs(SYMBOL_PROTECTIONS) do ask(redis.call('ZRANGE', PREFIX .. key, 0, -1)) end
  end
  return withdrawn
end

local function refresh_symbols(symbols)
  if #symbols == 0 then return end
  local withdrawn = withdrawn_of(symbols)
  local of_pool = { total = symbols }
  for i, pools in ipairs(redis.call('HMGET', PREFIX .. 'symbol_pools', unpack(symbols))) do
    for pool in string.gmatch(pools or '', '[^;]+') do
      local own = of_pool[pool] or {}
      own[#own + 1], of_pool[pool] = symbols[i], own
    end
  end
  for pool, own in pairs(of_pool) do refresh_heads(pool, own, withdrawn) end
end
