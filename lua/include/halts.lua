-- Who halted and resumed the account, when, and why.
--
--   halts   list   "at_ms what by reason", the latest first: what is halted or resumed, at_ms ledger time, by
--                  - if unknown

--- @include "integers"
--- @include "account"

local HALTS_KEPT = 20

local function note_halt(what, at_ms, by, reason)
  redis.call('LPUSH', PREFIX .. 'halts', int(at_ms) .. ' ' .. what .. ' ' .. (by == '' and '-' or by) .. ' '
    .. reason)
  redis.call('LTRIM', PREFIX .. 'halts', '0', int(HALTS_KEPT - 1))
end

-- Is this reason of this person on record for the halt that is in force?
local function is_halt_noted(by, reason)
  for _, text in ipairs(redis.call('LRANGE', PREFIX .. 'halts', '0', '-1')) do
    local what, who, why = string.match(text, '^%d+ (%a+) (%S+) (.*)$')
    if what ~= 'halted' then return false end
    if who == (by == '' and '-' or by) and why == reason then return true end
  end
  return false
end
