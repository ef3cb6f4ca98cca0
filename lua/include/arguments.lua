-- Every argument is checked before anything is read or written. A check takes the text and returns the parsed
-- value, or nil and what was expected.

--- @include "integers"
--- @include "decimal"

-- Text that is only stored and shown. People read it on terminals and in logs: no control characters.
local function any_text(text)
  if #text > 256 or string.find(text, '%c') then
    return nil, 'at most 256 characters, no control characters'
  end
  return text
end

-- Who asked for something, such as user@host; '' if unknown.
local function a_person(text)
  if #text > 64 or string.find(text, '[^%w._@+-]') then
    return nil, 'empty, or at most 64 of A-Z, a-z, 0-9, . _ @ + and -'
  end
  return text
end

local function an_id(text)
  if #text == 0 or #text > 64 or string.find(text, '[^%w_%-]') then
    return nil, '1 to 64 of A-Z, a-z, 0-9, _ and -'
  end
  return text
end

local function an_id_or_none(text)
  if text ~= '' and not an_id(text) then return nil, 'empty, or 1 to 64 of A-Z, a-z, 0-9, _ and -' end
  return text
end

local function a_symbol(text)
  if #text == 0 or #text > 32 or not string.find(text, '^[A-Z0-9][A-Z0-9.]*$') then
    return nil, '1 to 32 of A-Z, 0-9 and .'
  end
  return text
end

-- '': no pool of its own
local function a_pool(text)
  if text ~= '' and (text == 'total' or text == 'cash' or #text > 16
    or not string.find(text, '^[a-z][a-z0-9_]*$')) then
    return nil, 'empty, or the name of a pool other than total and cash'
  end
  return text
end

local function a_side(text)
  if text ~= 'buy' and text ~= 'sell' then return nil, 'buy or sell' end
  return text
end

local function a_mode(text)
  if text ~= 'normal' and text ~= 'probe' then return nil, 'normal or probe' end
  return text
end

local function a_kind(text)
  if text ~= 'entry' and text ~= 'exit' then return nil, 'entry or exit' end
  return text
end

local ORDER_TYPES = { limit = true, stop_limit = true, market = true, stop = true, trailing_stop = true }

local function an_order_type(text)
  if not ORDER_TYPES[text] then return nil, 'limit, stop_limit, market, stop or trailing_stop' end
  return text
end

local function a_final_state(text)
  if text ~= 'filled' and text ~= 'cancelled' and text ~= 'rejected' and text ~= 'expired' then
    return nil, 'filled, cancelled, rejected or expired'
  end
  return text
end

local function a_cause(text)
  if text ~= 'broker' and text ~= 'account' and text ~= 'fleet' and text ~= 'fault' then
    return nil, 'broker, account, fleet or fault'
  end
  return text
end

local function a_flag(text)
  if text ~= '0' and text ~= '1' then return nil, '0 or 1' end
  return text == '1'
end

-- nanos
local function a_price(text)
  local value = to_nanos(text)
  if not value or value <= 0 then return nil, 'a decimal above 0 with at most 9 decimals, below 9007199' end
  return value
end

-- Keeps the text; split_decimal returns its parts.
local function a_quantity(text)
  local sign, whole, rest = split_decimal(text)
  if not sign or sign < 0 or whole + rest == 0 or whole > 1e12 then
    return nil, 'a decimal above 0 with at most 9 decimals, at most 1e12'
  end
  return text
end

local function a_filled_quantity(text)
  local sign, whole = split_decimal(text)
  if not sign or sign < 0 or whole > 1e12 then return nil, 'a decimal from 0 with at most 9 decimals' end
  return text
end

-- nanos; bounded so that the sum over a steal's victims stays exact
local function a_pnl(text)
  local value = to_nanos(text)
  if not value or math.abs(value) > 1e15 then
    return nil, 'a decimal with at most 9 decimals between -1000000 and 1000000'
  end
  return value
end

-- The probability that a limit trades. Keeps the text; to_nanos reads it.
local function a_probability(text)
  local value = to_nanos(text)
  if not value or value < 0 or value > 1e9 then
    return nil, 'a decimal from 0 to 1 with at most 9 decimals'
  end
  return text
end

local function an_amount(text)
  if not string.find(text, '^%d+$') or #text > 16 or tonumber(text) > MAX_INTEGER then
    return nil, 'an integer from 0 below 2^53'
  end
  return tonumber(text)
end

local function a_duration(text)
  if not string.find(text, '^%d+$') or #text > 12 then
    return nil, 'milliseconds, an integer from 0 below 1e12'
  end
  return tonumber(text)
end

-- Every command's reply to a malformed argument.
local function invalid(command, field, value, expected)
  return { 'invalid', 'command', command, 'field', field, 'value', string.sub(value, 1, 64), 'expected',
    expected }
end

-- Reads ARGV by a list {name, check, name, check, ...} from position `first`. At most `more` further
-- arguments (default 0) may follow, which the caller reads itself. Any beyond that mean that positions have
-- shifted. Returns the parsed values by name, or nil and the reply to give.
local function read_arguments(command, first, list, more)
  local values = {}
  local last = first - 1 + #list / 2
  if #ARGV < last then
    return nil, invalid(command, 'ARGV', tostring(#ARGV), 'at least ' .. tostring(last) .. ' arguments')
  end
  if #ARGV > last + (more or 0) then
    return nil, invalid(command, 'ARGV', tostring(#ARGV), 'at most ' .. tostring(last + (more or 0))
      .. ' arguments')
  end
  for i = 1, #list, 2 do
    local text = ARGV[first + (i - 1) / 2]
    local value, expected = list[i + 1](text)
    if value == nil then return nil, invalid(command, list[i], text, expected) end
    values[list[i]] = value
  end
  return values
end
