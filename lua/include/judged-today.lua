-- What the steals of a day came to (docs/rules.md, 9.9): of those whose watch ended that day, UTC, by the
-- ledger's clock.
--
--   judged_today   field of the account: `day count regret gain`: days since 1970, how many steals, decimal
--                  USD

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"
--- @include "regrets"

local DAY_MS = 86400000

-- One more, with its amounts as the steal's record has them.
local function note_judged(regret, gain)
  local today = int(math.floor(now_ms / DAY_MS))
  local day, count, sums = string.match(account['judged_today'] or '', '^(%d+) (%d+) (%S+ %S+)$')
  if day ~= today or #count > 12 then count, sums = '0', nil end
  local more = {}
  for i, text in ipairs({ regret, gain }) do
    local sign, whole, rest = split_decimal(text)
    more[i] = sign and { sign * whole, sign * rest } or { 0, 0 }
  end
  set('judged_today', today .. ' ' .. int(tonumber(count) + 1) .. ' ' .. with_sum(sums, more))
end
