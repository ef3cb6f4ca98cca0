-- What does not count, or is not believed yet: items at the broker, and prices that jumped.

--- @include "account"
--- @include "doubts"

local DOUBTS_SHOWN = 10

-- Items at the broker that do not count, or perhaps not in full.
local function oddity_rows()
  local rows, flat = {}, redis.call('HGETALL', PREFIX .. 'oddities')
  for i = 1, #flat, 2 do
    local what, id = string.match(flat[i], '^(%S+) (.*)$')
    local since_ms, counts, symbol, why = string.match(flat[i + 1], '^(%d+) (%d) ([^|]*)|(.*)$')
    if why then
      rows[#rows + 1] = { what, id, symbol, counts == '1' and 'perhaps too little' or 'nothing', why,
        tonumber(since_ms) }
    end
  end
  table.sort(rows, function(a, b)
    if a[6] ~= b[6] then return a[6] < b[6] end
    return a[1] .. a[2] < b[1] .. b[2]
  end)
  return rows
end

-- Prices that jumped and are not confirmed yet.
local function doubt_rows()
  local rows = {}
  for _, symbol in ipairs(redis.call('HKEYS', PREFIX .. 'jumps')) do
    local price, at_ms = doubt_of(symbol)
    if price then
      local last = string.match(redis.call('HGET', PREFIX .. 'quotes', symbol), '^%S+')
      rows[#rows + 1] = { symbol, price, last, at_ms }
    end
  end
  table.sort(rows, function(a, b) return a[1] < b[1] end)
  local more = math.max(0, #rows - DOUBTS_SHOWN)
  for _ = 1, more do table.remove(rows) end
  return rows, more
end
