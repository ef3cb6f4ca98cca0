-- Sums of regret and gain over the steals that are watched or judged (watched), exact in decimals.
--
--   regrets   hash   `account`, `pair THIEF>VICTIM`, `rules FINGERPRINT` -> `regret gain`, decimal USD; no
--                    field where both are 0

--- @include "decimal"
--- @include "account"

-- Amounts in the making: field -> {regret, gain}, each {whole, nanos of the rest} in dollars, of any sign.
local function add_regret(sums, field, regret_nanos, gain_nanos)
  local sum = sums[field] or { { 0, 0 }, { 0, 0 } }
  sums[field] = sum
  for i, nanos in ipairs({ regret_nanos, gain_nanos }) do
    local whole = nanos >= 0 and math.floor(nanos / 1e9) or -math.floor(-nanos / 1e9)
    sum[i][1], sum[i][2] = sum[i][1] + whole, sum[i][2] + (nanos - whole * 1e9)
  end
end

local function amount_text(whole, rest)
  local carry = math.floor(rest / 1e9)
  whole, rest = whole + carry, rest - carry * 1e9
  if whole >= 0 then return quantity_text(whole, rest) end
  if rest == 0 then return '-' .. quantity_text(-whole, 0) end
  return '-' .. quantity_text(-(whole + 1), 1e9 - rest)
end

-- `regret gain` of a field with this sum added to it; a malformed one counts as 0.
local function with_sum(text, sum)
  local texts, had = {}, { string.match(text or '0 0', '^(%S+) (%S+)$') }
  for i = 1, 2 do
    local sign, whole, rest = split_decimal(had[i] or '0')
    if not sign then sign, whole, rest = 1, 0, 0 end
    texts[i] = amount_text(sign * whole + sum[i][1], sign * rest + sum[i][2])
  end
  return texts[1] .. ' ' .. texts[2]
end

-- Adds what was made to what is kept.
local function keep_regrets(sums)
  local key = PREFIX .. 'regrets'
  for field, sum in pairs(sums) do
    local had = redis.call('HGET', key, field)
    local text = with_sum(had, sum)
    if text == '0 0' then
      if had then redis.call('HDEL', key, field) end
    elseif text ~= had then
      redis.call('HSET', key, field, text)
    end
  end
end

-- What a steal's amounts add to the sums, `sign` times. victims: {symbol}; amounts: {regret, gain} in nanos,
-- by victim.
local function sum_up(sums, thief_symbol, rules, victims, amounts, sign)
  local regret, gain = 0, 0
  for i, victim in ipairs(victims) do
    local of = amounts[i] or { 0, 0 }
    regret, gain = regret + of[1], gain + of[2]
    add_regret(sums, 'pair ' .. thief_symbol .. '>' .. victim.symbol, sign * of[1], sign * of[2])
  end
  add_regret(sums, 'account', sign * regret, sign * gain)
  add_regret(sums, 'rules ' .. rules, sign * regret, sign * gain)
  return regret, gain
end

-- A steal's victims and amounts, from its record's texts.
local function read_victims(text)
  local victims = {}
  for id, symbol, pnl, held in string.gmatch(text or '', '(%S+) (%S+) (%S+) (%d+);?') do
    victims[#victims + 1] = { id = id, symbol = symbol, pnl_nanos = to_nanos(pnl) or 0,
      held_micros = tonumber(held) }
  end
  return victims
end

local function read_amounts(text)
  local amounts = {}
  for regret, gain in string.gmatch(text or '', '(%S+) ([^%s;]+);?') do
    amounts[#amounts + 1] = { to_nanos(regret) or 0, to_nanos(gain) or 0 }
  end
  return amounts
end
