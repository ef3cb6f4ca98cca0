-- The prices that the rules may use.

--- @include "account"
--- @include "quotes"

-- Symbol -> its quote's text: rows of a list ask for it more than once.
local quote_texts = {}

-- nanos, health_ms, text; nil without a price, or when it is too old
local function price_of(symbol)
  quote_texts[symbol] = quote_texts[symbol] or redis.call('HGET', PREFIX .. 'quotes', symbol) or ''
  local text, nanos, at = string.match(quote_texts[symbol], '^(%S+) (%d+) (%d+)$')
  if not nanos or tonumber(nanos) == 0 or not is_fresh(tonumber(at), tonumber(settings.quote_max_age_ms)) then
    return nil
  end
  return tonumber(nanos), tonumber(at), text
end
