-- The largest integer up to which doubles are exact.
local MAX_INTEGER = 9007199254740991

-- integer -> text, without exponent. Used in keys too: Redis would format a double, which is many times
-- slower.
local function int(value)
  return string.format('%d', value)
end
