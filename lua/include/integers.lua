-- Doubles are exact integers up to here.
local MAX_INTEGER = 9007199254740991

-- integer -> text, without exponent. Also for what goes into a key: Redis would format a number as a double,
-- at many times the cost.
local function int(value)
  return string.format('%d', value)
end
