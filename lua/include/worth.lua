-- What an order is worth (docs/rules.md, 7.4 and 7.5): its forecasted PnL, under policy `expected` by the
-- probability that its limit trades. As a victim it fades while it waits.
--
--   base  = PnL; under policy expected PnL x probability, rounded down to a nano
--   worth = base x 2^(-age / half-life), rounded down to a nano; a base of 0 or less does not fade
--
-- The result is exact. A double decides where its error cannot change the digit that is rounded; elsewhere,
-- about one order in ten thousand, the power is computed to 184 bits.
--
-- All fade by the same factor, so log2(base) + created / half-life ranks them once and for all (ranking).

--- @include "clock"
--- @include "decimal"

local LN2 = 0.69314718055994531

-- floor(pnl x 2^(-halvings - rest / half_life)), 0 < rest < half_life. An irrational number so close to an
-- integer that 184 bits do not tell would be rounded down. The other functions are inside because hardly any
-- call needs them.
local function faded_exactly(pnl_nanos, halvings, rest_ms, half_life_ms)
  local LIMB = 2 ^ 24
  -- ln 2 in limbs of 24 bits, rounded down
  local LN2_LIMBS = { 0xB17217, 0xF7D1CF, 0x79ABC9, 0xE3B398, 0x03F2F6, 0xAF40F3, 0x432672, 0x98B62D }

  -- Products and quotients of fractions in limbs, rounded down. The divisor stays below 2^29.
  local function times(a, b)
    local sums, product = {}, {}
    for at = 1, 16 do sums[at] = 0 end
    for i = 1, 8 do
      for k = 1, 8 do sums[i + k] = sums[i + k] + a[i] * b[k] end
    end
    for at = 16, 2, -1 do
      local carry = math.floor(sums[at] / LIMB)
      sums[at] = sums[at] - carry * LIMB
      sums[at - 1] = sums[at - 1] + carry
    end
    for at = 1, 8 do product[at] = sums[at] end
    return product
  end

  local function divided(a, by)
    local quotient, rest = {}, 0
    for at = 1, 8 do
      rest = rest * LIMB + a[at]
      quotient[at] = math.floor(rest / by)
      rest = rest - quotient[at] * by
    end
    return quotient
  end

  -- part / whole, both integers, 0 < part < whole < 2^40
  local function fraction_of(part, whole)
    local limbs = {}
    for at = 1, 8 do
      local high = math.floor(part * 4096 / whole)
      part = part * 4096 - high * whole
      local low = math.floor(part * 4096 / whole)
      part = part * 4096 - low * whole
      limbs[at] = high * 4096 + low
    end
    return limbs
  end

  -- 2^x - 1 for a fraction x: the series of e^(x ln 2), whose terms are all positive, so that what is lost
  -- adds up to less than 2^-184.
  local function power_less_one(x)
    local y = times(x, LN2_LIMBS)
    local term, sum = y, { unpack(y) }
    for n = 2, 48 do
      term = divided(times(term, y), n)
      for at = 8, 1, -1 do sum[at] = sum[at] + term[at] end
    end
    for at = 8, 2, -1 do
      local carry = math.floor(sum[at] / LIMB)
      sum[at] = sum[at] - carry * LIMB
      sum[at - 1] = sum[at - 1] + carry
    end
    return sum
  end

  -- floor(n x fraction), n an integer below 2^50
  local function whole_of(n, fraction)
    local high = math.floor(n / LIMB)
    local low = n - high * LIMB
    local carry = 0
    for at = 8, 0, -1 do
      local sum = (at > 0 and fraction[at] * low or 0) + (at < 8 and fraction[at + 1] * high or 0) + carry
      if at == 0 then return sum end
      carry = math.floor(sum / LIMB)
    end
  end

  local power = power_less_one(fraction_of(half_life_ms - rest_ms, half_life_ms))
  return math.floor((pnl_nanos + whole_of(pnl_nanos, power)) / 2 ^ (halvings + 1))
end

-- fill_probability: text; '' or none for 1. settings: policy
local function base_of(pnl_nanos, fill_probability, settings)
  if settings.policy ~= 'expected' or (fill_probability or '') == '' then return pnl_nanos end
  local base, inexact = scale_nanos(math.abs(pnl_nanos), to_nanos(fill_probability))
  if pnl_nanos >= 0 then return base end
  return -base - (inexact and 1 or 0)
end

-- pnl_nanos: the base, at most 1e15; half_life_ms: 0 for none
local function worth_of(pnl_nanos, created_ms, half_life_ms)
  local age_ms = now_ms - created_ms
  if half_life_ms == 0 or pnl_nanos <= 0 or age_ms <= 0 then return pnl_nanos end
  local halvings = math.floor(age_ms / half_life_ms)
  if halvings >= 50 then return 0 end
  local rest_ms = age_ms - halvings * half_life_ms
  local whole = pnl_nanos / 2 ^ halvings
  if rest_ms == 0 then return math.floor(whole) end
  local about = whole * 2 ^ (-rest_ms / half_life_ms)
  local margin = about * 2 ^ -48                  -- 16 units in the last place; each step loses about one
  local least = math.floor(about - margin)
  if least == math.floor(about + margin) then return least end
  return faded_exactly(pnl_nanos, halvings, rest_ms, half_life_ms)
end

-- Ranks what is worth more than 0, in any year; below 2^41.
local function fading_key(worth_nanos, at_ms, half_life_ms)
  return math.log(worth_nanos) / LN2 + at_ms / half_life_ms
end

-- How far two keys may be apart and yet stand in the wrong order.
local function key_error(key)
  return (key + 64) * 2 ^ -46
end
