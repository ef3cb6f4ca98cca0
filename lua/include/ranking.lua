-- The index that makes selection O(log N): who may be taken now, worst first, found without a scan.
--
--   edges:<SYMBOL>:<side>   zset  order -> the price (nanos) at which its protection ends; every order that
--                                 passes all rules but those of its price and symbol (eligibility)
--   far:<pool>:<SYMBOL>     zset  those beyond their protection at the last price; score and member rank them
--   heads:<pool>            hash  symbol -> the member of far: that represents it in victims:
--   victims:<pool>          zset  the worst order of each symbol that may be taken now, worst first
--   symbol_pools            hash  symbol -> the pools other than total that its orders were tracked in,
--                                 joined by ;
--
-- A whole symbol enters or leaves victims: (cooldown, fight, stale quote) by one member, for any number of
-- orders.

--- @include "bytes"
--- @include "integers"
--- @include "account"
--- @include "quotes"
--- @include "edges"
--- @include "eligibility"
--- @include "worth"

local function rank_parts(policy, pnl_nanos, created_ms, id)
  if policy == 'distance' then
    return string.format('%017d:%015d:%s', pnl_nanos + 1e15, created_ms, id)
  end
  return string.format('%015d:%s', created_ms, id)
end

local function id_of_member(member)
  return string.match(member, '([^:]+)$')
end

local function split_double(value)
  local scaled = value * 134217729                -- 2^27 + 1
  local high = scaled - (scaled - value)
  return high, value - high
end

-- The part of a / b that the double q loses, as digits that sort the larger quotient first. Two different
-- quotients of integers below 2^53 may round to one double. The remainder a - q x b is exact (Dekker's
-- product).
local function below_the_double(a, b, q)
  local product = q * b
  local q_high, q_low = split_double(q)
  local b_high, b_low = split_double(b)
  local lost = ((q_high * b_high - product) + q_high * b_low + q_low * b_high) + q_low * b_low
  local rest = ((a - product) - lost) / b
  local _, exponent = math.frexp(q)
  local digits = math.floor(math.ldexp(-rest, 107 - exponent))
  if digits < 0 then return '0' .. string.format('%016d', digits + 2 ^ 53) end
  return '1' .. string.format('%016d', digits)
end

-- Score and member in far: at this price: lowest PnL first, or furthest first. Only exactly equal ones tie.
-- An order's pnl_nanos is the base of its worth.
-- With a half-life the score is a key that time does not change; it is a double, and so nearly right
-- (in-order.lua).
local function rank_at(settings, order, price_nanos)
  if settings.policy ~= 'distance' then
    local half_life_ms = settings.half_life_ms or 0
    if half_life_ms == 0 or order.pnl_nanos <= 0 then return int(order.pnl_nanos), order.rank end
    return fading_key(order.pnl_nanos, tonumber(string.sub(order.rank, 1, 15)), half_life_ms), order.rank
  end
  local limit = order.limit_nanos
  local away = order.side == 'buy' and price_nanos - limit or limit - price_nanos
  local q = away / limit
  return -q, below_the_double(away, limit, q) .. ':' .. string.match(order.rank, '([^:]+:[^:]+:[^:]+)$')
end

-- Of each of these symbols the head of its orders in the pool; of those in the set `withdrawn`, none.
local function refresh_heads(pool, symbols, withdrawn)
  local heads = redis.call('HMGET', PREFIX .. 'heads:' .. pool, unpack(symbols))
  local changed, gone, left, entered = {}, {}, {}, {}
  for i, symbol in ipairs(symbols) do
    local before, member, score = heads[i] or nil, nil, nil
    if not withdrawn[symbol] then
      member, score = unpack(redis.call('ZRANGE', PREFIX .. 'far:' .. pool .. ':' .. symbol, '0', '0',
        'WITHSCORES'))
    end
    if before and before ~= member then left[#left + 1] = before end
    if member then
      entered[#entered + 1] = score
      entered[#entered + 1] = member
      if not before then account.news.offered = true end
    end
    if member and before ~= member then
      changed[#changed + 1] = symbol
      changed[#changed + 1] = member
    elseif before and not member then
      gone[#gone + 1] = symbol
    end
  end
  if #left > 0 then redis.call('ZREM', PREFIX .. 'victims:' .. pool, unpack(left)) end
  if #entered > 0 then redis.call('ZADD', PREFIX .. 'victims:' .. pool, unpack(entered)) end
  if #changed > 0 then redis.call('HSET', PREFIX .. 'heads:' .. pool, unpack(changed)) end
  if #gone > 0 then redis.call('HDEL', PREFIX .. 'heads:' .. pool, unpack(gone)) end
end

-- Every pool that may hold orders of the symbol: `total`, and those of its orders so far (mostly one: its
-- asset class).
local function pools_of(symbol)
  local pools = { 'total' }
  for pool in string.gmatch(redis.call('HGET', PREFIX .. 'symbol_pools', symbol) or '', '[^;]+') do
    pools[#pools + 1] = pool
  end
  return pools
end

local function note_pool(symbol, pool)
  local pools = pools_of(symbol)
  for _, known in ipairs(pools) do
    if known == pool then return end
  end
  pools[#pools + 1] = pool
  redis.call('HSET', PREFIX .. 'symbol_pools', symbol, table.concat(pools, ';', 2))
end

-- `is_robbed`: it has just begun to cool down, so it is withdrawn.
local function refresh_symbol(symbol, is_robbed)
  local withdrawn = { [symbol] = is_robbed or is_withdrawn(symbol) }
  for _, pool in ipairs(pools_of(symbol)) do refresh_heads(pool, { symbol }, withdrawn) end
end

-- Makes `due` bring the index up to date at this ledger time.
local function due_at(until_ms)
  local due = number('cooldown_due_ms')
  if due == 0 or until_ms < due then set('cooldown_due_ms', until_ms) end
end

-- In and out of far:, without updating the heads. Under policy `distance`, put_far changes order.rank: the
-- caller stores it.
local function put_far(order, settings, price_nanos)
  local score, member = rank_at(settings, order, price_nanos)
  order.rank = member
  redis.call('ZADD', PREFIX .. 'far:total:' .. order.symbol, score, order.rank)
  if order.pool ~= '' then
    redis.call('ZADD', PREFIX .. 'far:' .. order.pool .. ':' .. order.symbol, score, order.rank)
  end
end

local function drop_far(order)
  local gone = redis.call('ZREM', PREFIX .. 'far:total:' .. order.symbol, order.rank)
  if order.pool ~= '' then
    redis.call('ZREM', PREFIX .. 'far:' .. order.pool .. ':' .. order.symbol, order.rank)
  end
  return gone
end

-- How many orders the index holds, and how many of them may be taken by their price.
local function load_counts()
  if rawget(account, 'tracked') == nil then load_account({ 'tracked', 'far' }) end
end

-- An order begins to work. order: id, symbol, side, pool, limit_nanos, pnl_nanos, created_at_ms. Returns the
-- edge and the rank to keep in its hash. settings: ELIGIBILITY_SETTINGS.
local function track(order, settings)
  local edge = edge_price(order.side, order.limit_nanos, settings.protection_nanos)
  order.rank = rank_parts(settings.policy, order.pnl_nanos, order.created_at_ms, order.id)
  redis.call('ZADD', PREFIX .. 'edges:' .. order.symbol .. ':' .. order.side, int(edge), order.id)
  redis.call('HDEL', PREFIX .. 'bands', order.symbol)
  load_counts()
  if order.pool ~= '' then note_pool(order.symbol, order.pool) end
  add('tracked', 1)
  local price = quote_of(order.symbol)
  if price and price > 0 and is_beyond(order.side, price, edge) then
    put_far(order, settings, price)
    add('far', 1)
    account.news.offered = true
    refresh_symbol(order.symbol)
  end
  return edge, order.rank
end

-- It can no longer be a victim. order: id, symbol, side, pool, rank. If this returns true, the caller
-- refreshes the symbol.
local function drop_tracked(order)
  load_counts()
  add('tracked', -redis.call('ZREM', PREFIX .. 'edges:' .. order.symbol .. ':' .. order.side, order.id))
  local was_far = drop_far(order) == 1
  if was_far then add('far', -1) end
  return was_far
end

local function untrack(order)
  if drop_tracked(order) then refresh_symbol(order.symbol) end
end
