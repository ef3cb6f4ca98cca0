-- Integers beyond 2^53, from 0 on: lists of digits in base 1e7, the lowest first.

local WIDE_BASE = 1e7

local function wide(value)
  local digits = {}
  repeat
    local high = math.floor(value / WIDE_BASE)
    digits[#digits + 1] = value - high * WIDE_BASE
    value = high
  until value == 0
  return digits
end

local function wide_trim(a)
  while #a > 1 and a[#a] == 0 do a[#a] = nil end
  return a
end

local function wide_times(a, b)
  local product = {}
  for at = 1, #a + #b do product[at] = 0 end
  for i = 1, #a do
    local carry = 0
    for k = 1, #b do
      local sum = product[i + k - 1] + a[i] * b[k] + carry
      carry = math.floor(sum / WIDE_BASE)
      product[i + k - 1] = sum - carry * WIDE_BASE
    end
    product[i + #b] = product[i + #b] + carry
  end
  return wide_trim(product)
end

-- a + factor x b, for a result from 0 on; -1e7 < factor < 1e7
local function wide_plus(a, b, factor)
  local sum, carry = {}, 0
  for at = 1, math.max(#a, #b) + 1 do
    local digit = (a[at] or 0) + factor * (b[at] or 0) + carry
    carry = math.floor(digit / WIDE_BASE)
    sum[at] = digit - carry * WIDE_BASE
  end
  return wide_trim(sum)
end

-- -1, 0 or 1
local function wide_compare(a, b)
  if #a ~= #b then return #a < #b and -1 or 1 end
  for at = #a, 1, -1 do
    if a[at] ~= b[at] then return a[at] < b[at] and -1 or 1 end
  end
  return 0
end

-- floor(a / b), and whether something was left over. Each digit is guessed too low by at most a few.
local function wide_over(a, b)
  local function about(x)
    return (x[#x] * WIDE_BASE + (x[#x - 1] or 0)) * WIDE_BASE + (x[#x - 2] or 0)
  end
  local quotient, rest = {}, { 0 }
  for at = #a, 1, -1 do
    table.insert(rest, 1, a[at])
    wide_trim(rest)
    local digit = 0
    while wide_compare(rest, b) >= 0 do
      local guess = math.floor(about(rest) / (about(b) + WIDE_BASE) * WIDE_BASE ^ (#rest - #b))
      guess = math.min(WIDE_BASE - 1, math.max(1, guess - 1))
      digit = digit + guess
      rest = wide_plus(rest, b, -guess)
    end
    quotient[at] = digit
  end
  return wide_trim(quotient), not (#rest == 1 and rest[1] == 0)
end

-- A quantity (whole, nanos of the rest) as nanos, and back.
local function wide_quantity(whole, rest)
  return wide_plus(wide_times(wide(whole), wide(1e9)), wide(rest), 1)
end

local function quantity_of_wide(a)
  local text = string.format('%d', a[#a])
  for at = #a - 1, 1, -1 do text = text .. string.format('%07d', a[at]) end
  text = string.rep('0', 10 - #text) .. text
  return tonumber(string.sub(text, 1, -10)), tonumber(string.sub(text, -9))
end
