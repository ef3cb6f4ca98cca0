-- Exact decimals. A price or a PnL is an integer of nanos (1e-9), a quantity is a pair (whole, nanos of the
-- rest); all of them stay below 2^53, where doubles are exact.

--- @include "integers"

-- Digits, with at most 9 decimals; a point at the end is no decimal.
local DECIMAL = '^%-?%d+%.?%d?%d?%d?%d?%d?%d?%d?%d?%d?$'

-- A decimal of few digits below a million as a double, else nil. The double is so near to the decimal that
-- the nearest integer of nanos is the exact one: the error is below 1e15 x 2^-52, a quarter of a nano.
local function short_decimal(text)
  if #text > 15 or not string.find(text, DECIMAL) or string.sub(text, -1) == '.' then return nil end
  local value = tonumber(text)
  return value < 1e6 and value > -1e6 and value or nil
end

-- "100.25" -> sign (1 or -1), whole, nanos of the fraction; nil unless it has at most 9 decimals
local function split_decimal(text)
  local short = short_decimal(text)
  if short then
    local sign = string.sub(text, 1, 1) == '-' and -1 or 1
    local magnitude = sign * short
    local whole = math.floor(magnitude)
    return sign, whole, math.floor((magnitude - whole) * 1e9 + 0.5)
  end
  local sign, whole, fraction = string.match(text, '^(%-?)(%d+)%.?(%d*)$')
  if not whole or #whole > 15 or #fraction > 9 or string.sub(text, -1) == '.' then return nil end
  return sign == '-' and -1 or 1, tonumber(whole), tonumber(string.sub(fraction .. '000000000', 1, 9))
end

-- "100.25" -> 100250000000; nil unless it has at most 9 decimals and stays below 2^53
local function to_nanos(text)
  local short = short_decimal(text)
  if short then return math.floor(short * 1e9 + 0.5) end
  local sign, whole, rest = split_decimal(text)
  if not sign or whole > 9007198 then return nil end
  return sign * (whole * 1e9 + rest)
end

-- nanos -> "100.25"
local function nanos_text(value)
  local sign = value < 0 and '-' or ''
  local magnitude = math.abs(value)
  local whole = math.floor(magnitude / 1e9)
  local rest = magnitude - whole * 1e9
  if rest == 0 then return sign .. int(whole) end
  return sign .. int(whole) .. '.' .. (string.gsub(string.format('%09d', rest), '0+$', ''))
end

-- floor(a x b / 1e9) and whether something was left over; a < 2^53, b <= 1e12. nil when the result reaches
-- 2^53.
local function scale_nanos(a, b)
  local high = math.floor(a / 1e9)
  local low = a - high * 1e9
  if high * b > MAX_INTEGER then return nil end
  local b_high = math.floor(b / 1e6)
  local b_low = b - b_high * 1e6
  local x = low * b_high                          -- in units of 1e6
  local quotient = math.floor(x / 1e3)
  local y = (x - quotient * 1e3) * 1e6 + low * b_low
  local carry = math.floor(y / 1e9)
  local result = high * b + quotient + carry
  if result > MAX_INTEGER then return nil end
  return result, y - carry * 1e9 > 0
end

-- price (nanos) x quantity (whole, nanos) -> micro-USD rounded up; nil when it reaches 2^53 (docs/rules.md,
-- 1.2: a notional is rounded up)
local function notional(price, whole, rest)
  local dollars = math.floor(price / 1e9)
  local cents = price - dollars * 1e9              -- nanos below the dollar
  local whole_high = math.floor(whole / 1e6)
  local whole_low = whole - whole_high * 1e6
  if dollars * whole > 9007199254 or cents * whole_high * 1e3 > MAX_INTEGER then return nil end
  local a = dollars * rest                         -- nano-dollars
  local b = cents * whole_low                      -- nano-dollars
  local a_micros, b_micros = math.floor(a / 1e3), math.floor(b / 1e3)
  local nano_left = (a - a_micros * 1e3) + (b - b_micros * 1e3)
  local rest_high = math.floor(rest / 1e5)
  local x = cents * rest_high                      -- 1e-13 dollars
  local x_micros = math.floor(x / 1e7)
  -- 1e-18 dollars
  local tail = (x - x_micros * 1e7) * 1e5 + cents * (rest - rest_high * 1e5) + nano_left * 1e9
  local micros = dollars * whole * 1e6 + cents * whole_high * 1e3 + a_micros + b_micros + x_micros
    + math.ceil(tail / 1e12)
  if micros > MAX_INTEGER then return nil end
  return micros
end

-- Quantities as (whole, nanos): a - b (a >= b), a + b, comparison (-1, 0, 1), text.
local function quantity_minus(a_whole, a_rest, b_whole, b_rest)
  local whole, rest = a_whole - b_whole, a_rest - b_rest
  if rest < 0 then whole, rest = whole - 1, rest + 1e9 end
  return whole, rest
end

local function quantity_plus(a_whole, a_rest, b_whole, b_rest)
  local whole, rest = a_whole + b_whole, a_rest + b_rest
  if rest >= 1e9 then whole, rest = whole + 1, rest - 1e9 end
  return whole, rest
end

local function quantity_compare(a_whole, a_rest, b_whole, b_rest)
  if a_whole ~= b_whole then return a_whole < b_whole and -1 or 1 end
  if a_rest ~= b_rest then return a_rest < b_rest and -1 or 1 end
  return 0
end

local function quantity_text(whole, rest)
  if rest == 0 then return int(whole) end
  return int(whole) .. '.' .. (string.gsub(string.format('%09d', rest), '0+$', ''))
end
