-- How near a price is to a limit, in the words of `why`, or why there is no price.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "prices"
--- @include "doubts"
--- @include "why-words"

-- Why a live watcher cannot use the symbol's quotes, and which one (host-note); nil when none says so.
local function unpriced_words(symbol)
  for _, host in ipairs(redis.call('ZRANGEBYSCORE', PREFIX .. 'hosts', int(health_ms - 15000), '+inf',
    'LIMIT', 0, 256)) do
    local text = ';' .. (redis.call('HGET', PREFIX .. 'host:' .. host, 'unpriced') or '') .. ';'
    local from = string.find(text, ';' .. symbol .. ' ', 1, true)
    if from then return string.match(text, '^[^;]*', from + #symbol + 2), host end
  end
  return nil
end

-- How far the price is from an order's limit now.
local function nearness(wish)
  local _, at, price = price_of(wish.symbol)
  local doubted, doubted_ms = doubt_of(wish.symbol)
  local doubt = ''
  if doubted then
    doubt = string.format(' A price of %s was doubted %s ago: it is more than %s from the last one, '
      .. 'and no later price has confirmed it.',
      doubted, duration(math.max(0, health_ms - doubted_ms)), percent(tonumber(settings.quote_max_jump or 0)))
  end
  if not price then
    local words, host = unpriced_words(wish.symbol)
    return wish.symbol .. ' has no price younger than ' .. duration(tonumber(settings.quote_max_age_ms))
      .. ' now' .. (words and ': ' .. words .. ' (says ' .. host .. ').' or '.') .. doubt
  end
  return 'Now ' .. wish.symbol .. ' is at ' .. price .. ', ' .. fine(distance(wish.side, wish.limit, price))
    .. ' from the limit ' .. wish.limit .. ' (the steal gate is ' .. fine(tonumber(settings.gate)) .. ').'
    .. doubt
end
