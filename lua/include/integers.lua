-- The largest integer up to which doubles are exact.
local MAX_INTEGER = 9007199254740991

-- integer -> text, without exponent. Used in keys too: Redis would format the number as a double, many times
-- slower.
local function int(value)
  return string.format('%d', value)
end
