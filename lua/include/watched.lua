-- What became of a steal is watched for a while (docs/rules.md, 9.9): whether its victims' limits trade, and
-- whether the thief fills. A tick finds the limits that traded without looking at the others; a price within
-- the symbol's band needs no look at all (bands).
--
--   watches         zset   steals that are watched, by the ledger ms until which they are
--   watched:<SYMBOL>:<side>
--                   zset   `steal order` of victims whose limit has not traded, by that limit (nanos)
--   watched         hash   symbol -> `low high count`: at or below the one, or at or above the other (nanos;
--                          - for none), a limit trades; how many there are
--   watched_plans   hash   plan -> `steal order`: its latest order that was taken, while that is watched
--   judged          zset   steals whose watch is over, by the same ms, for as long as history is kept
--   regrets         hash   sums (regrets.lua)
--   steal:<id>      hash   watch_until_ms; watch: over, or lost with a damaged book; rules: fingerprint of
--                          the settings; watched: "order side limit plan;..." (- for no plan);
--                          traded:<order>: when its limit traded; back:<order>: units that its plan bought
--                          since; amounts: "regret gain;..." by victim, decimal USD, and their sums regret
--                          and gain (all three are absent while they are 0)

--- @include "integers"
--- @include "account"

-- low, high (nanos), count of a text of `watched`
local function read_watched(text)
  local low, high, count = string.match(text, '^(%S+) (%S+) (%d+)$')
  return tonumber(low) or 0, tonumber(high) or MAX_INTEGER, tonumber(count) or 0
end

local function watched_text(low, high, count)
  local low_text, high_text = low > 0 and int(low) or '-', high < MAX_INTEGER and int(high) or '-'
  return low_text .. ' ' .. high_text .. ' ' .. int(count)
end

-- Takes an order out of the index. Returns whether it was in it. The caller refreshes the symbol.
local function drop_watched(symbol, side, member)
  return redis.call('ZREM', PREFIX .. 'watched:' .. symbol .. ':' .. side, member) == 1
end

-- The text that the symbol must have; nil when none of its orders is watched.
local function bounds_of_index(symbol)
  local bought = PREFIX .. 'watched:' .. symbol .. ':buy'
  local sold = PREFIX .. 'watched:' .. symbol .. ':sell'
  local count = redis.call('ZCARD', bought) + redis.call('ZCARD', sold)
  if count == 0 then return nil end
  return watched_text(tonumber(redis.call('ZRANGE', bought, '-1', '-1', 'WITHSCORES')[2]) or 0,
    tonumber(redis.call('ZRANGE', sold, '0', '0', 'WITHSCORES')[2]) or MAX_INTEGER, count)
end

-- Writes the symbol's text again, after orders left the index, and returns it.
local function refresh_watched(symbol)
  local text = bounds_of_index(symbol)
  if text then
    redis.call('HSET', PREFIX .. 'watched', symbol, text)
  else
    redis.call('HDEL', PREFIX .. 'watched', symbol)
  end
  return text
end
