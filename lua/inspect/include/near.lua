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
-- `most + 1` when that is more than `most`. What both begin and end with is left out of the count at once.
local function edits(a, b, most)
  if math.abs(#a - #b) > most then return most + 1 end
  local from, x, y = 1, { string.byte(a, 1, -1) }, { string.byte(b, 1, -1) }
  local m, n = #x, #y
  while from <= m and from <= n and x[from] == y[from] do from = from + 1 end
  while m >= from and n >= from and x[m] == y[n] do m, n = m - 1, n - 1 end
  local before, last, row = {}, {}, {}
  for j = from - 1, n do last[j] = j - from + 1 end
  for i = from, m do
    row = { [from - 1] = i - from + 1 }
    local least = row[from - 1]
    for j = from, n do
      row[j] = math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x[i] == y[j] and 0 or 1))
      if i > from and j > from and x[i] == y[j - 1] and x[i - 1] == y[j] then
        row[j] = math.min(row[j], before[j - 2] + 1)
      end
      least = math.min(least, row[j])
    end
    if least > most then return most + 1 end
    before, last = last, row
  end
  return math.min(last[n], most + 1)
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
