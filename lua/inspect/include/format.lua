-- How values are shown to people; '' and nil are shown as -.

--- @include "integers"
--- @include "clock"

local function clean(text) return (string.gsub(tostring(text), '[^\32-\126]', '?')) end

-- An unknown word is probably a typo: it is reported, not ignored. takes: what the script takes instead.
local function stray(word, takes)
  return redis.error_reply('USAGE "' .. clean(string.sub(word, 1, 40))
    .. '" is not understood here; this command takes ' .. takes)
end
-- In the ledger's spelling; nil when it cannot be a symbol. BTC/USD is a pair, BF/B is not.
local function symbol_of(word)
  if string.find(word, '/%a%a?$') then return nil end
  local symbol = string.upper((string.gsub(word, '/', '', 1)))
  return #symbol <= 32 and string.match(symbol, '^[A-Z0-9][A-Z0-9.]*$')
end

-- ms since 1970 -> 2025-01-15T15:00:00Z
local function iso(ms)
  local seconds = math.floor(ms / 1000)
  local days = math.floor(seconds / 86400)
  local z = days + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local leaps = math.floor(doe / 1460) - math.floor(doe / 36524) + math.floor(doe / 146096)
  local yoe = math.floor((doe - leaps) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local month = mp < 10 and mp + 3 or mp - 9
  local rest = seconds - days * 86400
  local year, day = yoe + era * 400 + (month <= 2 and 1 or 0), doy - math.floor((153 * mp + 2) / 5) + 1
  return string.format('%04d-%02d-%02dT%02d:%02d:%02dZ', year, month, day, math.floor(rest / 3600),
    math.floor(rest % 3600 / 60), rest % 60)
end

local function duration(ms)
  local s = math.floor(math.max(0, ms) / 1000)
  if s < 1 then return int(math.max(0, ms)) .. ' ms' end
  if s < 120 then return int(s) .. ' s' end
  if s < 7200 and s % 60 == 0 then return int(s / 60) .. ' min' end
  if s < 7200 then return string.format('%d min %02d s', math.floor(s / 60), s % 60) end
  if s < 172800 then
    return string.format('%d h %02d min', math.floor(s / 3600), math.floor(s % 3600 / 60))
  end
  return string.format('%d d %02d h', math.floor(s / 86400), math.floor(s % 86400 / 3600))
end
local function since(ms) return duration(now_ms - ms) end
local function until_then(ms) return duration(ms - now_ms) end

-- micro-USD -> $1,234.50; exact_usd also shows fractions of a cent
local function exact_usd(value)
  local n = math.abs(tonumber(value))
  local dollars = math.floor(n / 1e6)
  local text = string.reverse(int(dollars))
  text = string.gsub(string.reverse((string.gsub(text, '(%d%d%d)', '%1,'))), '^,', '')
  local rest = string.gsub(string.format('%06d', n - dollars * 1e6), '0?0?0?0$', '')
  return (tonumber(value) < 0 and '-$' or '$') .. text .. '.' .. rest
end
local function usd(value)
  local cents = math.floor(math.abs(tonumber(value)) / 1e4 + 0.5)
  return exact_usd((tonumber(value) < 0 and -1 or 1) * cents * 1e4)
end
-- An amount in USD with any number of decimals; what is no amount is shown as it is.
local function cents(text)
  local value = tonumber(text)
  return value and usd(value * 1e6) or text
end
local function percent(share) return string.format('%.2f %%', share * 100) end

-- How far a price is from the limit, as a share of it; never below 0.
local function distance(side, limit, price)
  local away = side == 'sell' and tonumber(limit) - tonumber(price) or tonumber(price) - tonumber(limit)
  return math.max(0, away / tonumber(limit))
end
