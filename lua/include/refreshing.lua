-- refresh_symbol (ranking) of many symbols at once, with a few commands for all of them.

--- @include "account"
--- @include "clock"
--- @include "eligibility"
--- @include "ranking"

-- The set of those of these symbols that are withdrawn (eligibility), true each.
local function withdrawn_of(symbols)
  local withdrawn = {}
  for _, key in ipairs(SYMBOL_PROTECTIONS) do
    local count = redis.call('ZCARD', PREFIX .. key)
    if count > #symbols then
      for _, symbol in ipairs(symbols) do
        local until_ms = redis.call('ZSCORE', PREFIX .. key, symbol)
        if until_ms and tonumber(until_ms) > now_ms then withdrawn[symbol] = true end
      end
    elseif count > 0 then
      local protected = redis.call('ZRANGE', PREFIX .. key, '0', '-1', 'WITHSCORES')
      for i = 1, #protected, 2 do
        if tonumber(protected[i + 1]) > now_ms then withdrawn[protected[i]] = true end
      end
    end
  end
  if redis.call('SCARD', PREFIX .. 'stale') == 0 then return withdrawn end
  for _, symbol in ipairs(symbols) do
    if redis.call('SISMEMBER', PREFIX .. 'stale', symbol) == 1 then withdrawn[symbol] = true end
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
