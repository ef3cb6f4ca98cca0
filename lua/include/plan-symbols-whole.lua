-- Is the index of unfinished plans by symbol whole (plan-symbols)? Reads only.

--- @include "account"

-- Did each plan that was filed go into the index? Hosts of an older version do not write it.
local function is_every_plan_indexed()
  local totals = redis.call('HMGET', PREFIX .. 'plan_totals', 'filed', 'indexed')
  return (totals[1] or '0') == (totals[2] or '0')
end

-- How many plans the index lists, and how many there are.
local function indexed_plans()
  return redis.call('ZCARD', PREFIX .. 'plan_symbols'), redis.call('ZCARD', PREFIX .. 'plans')
end

-- May an inspection go by it? Each plan is in it, unless somebody changed it by hand. One that an older
-- version ended is still in it: then it lists more than there are.
local function is_plan_index_whole()
  if not is_every_plan_indexed() then return false end
  local listed, unfinished = indexed_plans()
  return listed == unfinished
end
