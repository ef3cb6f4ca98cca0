-- Words and ids that look alike, for typos.

--- @include "account"
--- @include "format"

local function is_one_of(word, list)
  for _, one in ipairs(list) do
    if one == word then return true end
  end
  return false
end

-- How many letters must be put in, left out, replaced or swapped with the next one to make `b` of `a`;
-- `most + 1` when that is more than `most`.
local function edits(a, b, most)
  if math.abs(#a - #b) > most then return most + 1 end
  local before, last, row = {}, {}, {}
  for j = 0, #b do last[j] = j end
  for i = 1, #a do
    row = { [0] = i }
    local least = i
    for j = 1, #b do
      local same = string.byte(a, i) == string.byte(b, j)
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (same and 0 or 1))
      if i > 1 and j > 1 and string.byte(a, i) == string.byte(b, j - 1)
        and string.byte(a, i - 1) == string.byte(b, j) then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
      least = math.min(least, row[j])
    end
    if least > most then return most + 1 end
    before, last = last, row
  end
  return math.min(last[#b], most + 1)
end

-- Is a word meant to be one of these? It is written almost like one, and the account has no such symbol.
local function is_typo(word, list)
  local symbol = symbol_of(word)
  if symbol and redis.call('HGET', PREFIX .. 'quotes', symbol) then return false end
  for _, meant in ipairs(list) do
    local most = #meant > 6 and 2 or 1
    if edits(string.lower(word), meant, most) <= most then return true end
  end
  return false
end
