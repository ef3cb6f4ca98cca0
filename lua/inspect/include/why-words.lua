-- Numbers and records in the words of `why`.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "format"

-- Three decimals of a percent: 0.3 % and 0.301 % must differ.
local function fine(share) return (string.gsub(string.format('%.3f', share * 100), '%.?0+$', '')) .. ' %' end
local function listed(text) return (string.gsub(text or '', ';', ', ')) end
local function plural(count, one, many) return int(count) .. ' ' .. (tonumber(count) == 1 and one or many) end

-- The PnL of a plan, an order or a refusal, and the probability that its limit trades where that is not 1.
local function pnl_words(record)
  local probability = record.fill_probability or '1'
  if probability == '1' or not record.pnl then return record.pnl end
  return record.pnl .. ', with a probability of ' .. probability .. ' that its limit trades'
end

-- "10", under policy `expected` "10, expected 4"
local function with_expected(pnl, expected)
  return pnl .. (expected and ', expected ' .. expected or '')
end

-- What a victim counted where that was not its PnL.
local function worth_words(worth, age_ms)
  if (tonumber(settings.half_life_ms) or 0) == 0 then return ', expected ' .. worth end
  return ', worth ' .. worth .. ' after ' .. duration(tonumber(age_ms))
end

-- "id symbol pnl held_micros", and "worth age_ms" where that is told -> "m1 (MSFT, PnL 5, worth 2.5 after 30
-- min, $100.00)", without a half-life "m1 (MSFT, PnL 5, expected 2, $100.00)"
local function order_words(text, worth_text)
  local order, symbol, pnl, held = string.match(text, '^(%S+) (%S+) (%S+) (%d+)$')
  local worth, age_ms = string.match(worth_text or '', '^(%S+) (%d+)$')
  local faded = worth and worth_words(worth, age_ms) or ''
  return order .. ' (' .. symbol .. ', PnL ' .. pnl .. faded .. ', ' .. exact_usd(held) .. ')'
end

local function better_words()
  if settings.policy == 'distance' then return 'it was further from its limit' end
  return 'a thief must be ' .. settings.improvement .. ' x better'
end

local function room_words(pool, total_micros, pool_micros)
  local text = exact_usd(total_micros) .. ' in total'
  if pool and pool ~= '' then
    text = text .. ' and ' .. exact_usd(pool_micros or room(pool)) .. ' in ' .. pool
  end
  return text
end

-- A list of sentences, and a function that adds a formatted one.
local function sentences()
  local list = {}
  return list, function(form, ...) list[#list + 1] = string.format(form, ...) end
end

-- 2025-01-15T15:00:00Z, 3 s ago
local function when(ms) return iso(tonumber(ms)) .. ', ' .. since(tonumber(ms)) .. ' ago' end

local function wish_words(wish)
  return wish.side .. ' ' .. wish.qty .. ' ' .. wish.symbol .. ' at ' .. wish.limit
end
