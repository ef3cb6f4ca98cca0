--- @include "integers"
--- @include "account"
--- @include "format"

-- The reasons of the halt in force, the first one first: {at_ms, by, reason}; none while it is not halted.
local function halt_rows()
  local rows = {}
  if account.state ~= 'halted' then return rows end
  for _, text in ipairs(redis.call('LRANGE', PREFIX .. 'halts', 0, -1)) do
    local at_ms, what, by, reason = string.match(text, '^(%d+) (%a+) (%S+) (.*)$')
    if what ~= 'halted' then break end
    table.insert(rows, 1, { tonumber(at_ms), by ~= '-' and by or '', reason })
  end
  return rows
end

-- "reason, by alice@ops, 3 min ago; then reason, by bob@ops, 10 s ago"
local function halt_words(rows)
  if #rows == 0 then return account.halt_reason or '' end
  local told = {}
  for i, row in ipairs(rows) do
    told[i] = row[3] .. (row[2] == '' and '' or ', by ' .. row[2]) .. ', ' .. since(row[1]) .. ' ago'
  end
  return table.concat(told, '; then ')
end
