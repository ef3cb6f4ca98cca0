-- The words after the key: the format, and the script's own arguments.

local format, words = 'text', {}
for _, word in ipairs(ARGV) do
  if word == 'json' or word == 'view' then format = word else words[#words + 1] = word end
end

-- The last word that is a number is the limit.
local function limit_of(default, most)
  for i = #words, 1, -1 do
    if string.find(words[i], '^%d+$') then
      return math.max(1, math.min(most, tonumber(table.remove(words, i))))
    end
  end
  return default
end
