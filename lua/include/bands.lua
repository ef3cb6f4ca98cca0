-- How far a symbol's price may go without any order's protection beginning or ending, and without the limit
-- of a watched victim trading (watched). A price within the band needs no look at the orders. Every new edge
-- removes its symbol's band (ranking); an edge that goes leaves it narrower than it could be. The band that
-- stands when a victim is taken ends at the victim's edge, so it never holds its limit.
--
--   bands   hash   symbol -> "low high", nanos, both included; absent where it is not known

--- @include "integers"
--- @include "account"
--- @include "watched"

-- low, high of a text of `bands`; nil where there is none
local function read_band(text)
  local low, high = string.match(text or '', '^(%d+) (%d+)$')
  return tonumber(low), tonumber(high)
end

-- The band around a price, as text. A buy is beyond its edge above it, a sell below: a buy's edge is crossed
-- between itself and the next price up, a sell's between itself and the next price down. `watched`: the
-- symbol's text in `watched`; nil for none.
local function find_band(symbol, price, watched)
  local buys, sells = PREFIX .. 'edges:' .. symbol .. ':buy', PREFIX .. 'edges:' .. symbol .. ':sell'
  local at = int(price)
  local function first_from(key, from)
    return tonumber(redis.call('ZRANGEBYSCORE', key, from, '+inf', 'WITHSCORES', 'LIMIT', '0', '1')[2])
  end
  local function last_until(key, to)
    return tonumber(redis.call('ZREVRANGEBYSCORE', key, to, '-inf', 'WITHSCORES', 'LIMIT', '0', '1')[2])
  end
  local buy_above, sell_above = first_from(buys, at), first_from(sells, '(' .. at)
  local buy_below, sell_below = last_until(buys, '(' .. at), last_until(sells, at)
  local low = math.max(1, buy_below and buy_below + 1 or 1, sell_below or 1)
  local high = math.min(buy_above or MAX_INTEGER, sell_above and sell_above - 1 or MAX_INTEGER)
  if watched then
    local trades_below, trades_above = read_watched(watched)
    low, high = math.max(low, trades_below + 1), math.min(high, trades_above - 1)
  end
  return int(low) .. ' ' .. int(high)
end
