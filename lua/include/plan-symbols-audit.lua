-- Compares the index of unfinished plans by symbol (plan-symbols) with the plans. Reads only.

--- @include "integers"
--- @include "account"
--- @include "plan-symbols-whole"

-- Of more plans, as many as this are looked at, chosen at random.
local AUDITED_AT_ONCE = 250

-- Its faults begin with `plan_symbols: `. No decision depends on the index, so the keeper closes no account
-- for them; the next reconciliation recomputes it. An index that nobody goes by has none.
local function audit_plan_symbols(find)
  if not is_every_plan_indexed() then return end
  local listed, unfinished = indexed_plans()
  if listed ~= unfinished then
    find('plan_symbols: lists ' .. int(listed) .. ', ' .. int(unfinished) .. ' plans have not ended')
  end
  if listed == 0 and unfinished == 0 then return end
  for _, id in ipairs(redis.call('ZRANDMEMBER', PREFIX .. 'plans', AUDITED_AT_ONCE)) do
    local symbol = redis.call('HGET', PREFIX .. 'plan:' .. id, 'symbol')
    if symbol and not redis.call('ZSCORE', PREFIX .. 'plan_symbols', symbol .. ' ' .. id) then
      find('plan_symbols: lacks plan ' .. id .. ' of ' .. symbol)
    end
  end
  for _, member in ipairs(redis.call('ZRANDMEMBER', PREFIX .. 'plan_symbols', AUDITED_AT_ONCE)) do
    if not redis.call('ZSCORE', PREFIX .. 'plans', string.match(member, '(%S*)$')) then
      find('plan_symbols: lists ' .. member .. ', which is no unfinished plan')
    end
  end
end
