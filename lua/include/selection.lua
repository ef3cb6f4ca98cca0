-- Choosing the set of victims (docs/rules.md, 8 and 9).

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"
--- @include "candidates"
--- @include "worth"

-- thief >= victim + f x |victim| and thief > victim, in nanos. f x |victim| is rounded up, which changes
-- nothing: the other side is an integer.
local function is_better(thief_nanos, victim_nanos, settings)
  if settings.policy == 'distance' then return true end
  if thief_nanos <= victim_nanos then return false end
  local margin, inexact = scale_nanos(math.abs(victim_nanos), settings.improvement_nanos)
  if not margin then return false end                -- no difference reaches a margin beyond 2^53
  return thief_nanos - victim_nanos >= margin + (inexact and 1 or 0)
end

local function sum_of(set)
  local sum = 0
  for _, victim in ipairs(set) do sum = sum + victim.pnl_nanos end
  return sum
end

-- The lowest PnL that beats this one; nil if none does.
local function least_better(victim_nanos, settings)
  if settings.policy == 'distance' then return nil end
  local margin, inexact = scale_nanos(math.abs(victim_nanos), settings.improvement_nanos)
  return margin and victim_nanos + math.max(1, margin + (inexact and 1 or 0))
end

-- Do victims count something else than their PnL?
local function tells_worth(settings)
  return (settings.half_life_ms or 0) > 0 or settings.policy == 'expected'
end

-- "worth age_ms" of a candidate
local function worth_text(one)
  return nanos_text(one.pnl_nanos) .. ' ' .. int(now_ms - one.created_at_ms)
end

-- What would have to change after a refusal: the worst candidate and the first that was not beaten, as "id
-- symbol pnl held_micros", each with "worth age_ms" where that is not its PnL; what the beaten ones free; how
-- many victims it takes; the PnL to beat, and the lowest that beats it; under policy `expected` what the
-- thief counts.
local function refusal_numbers(seen, settings)
  local numbers = { 'frees_micros', int(seen.total), 'frees_pool_micros', int(seen.own), 'frees_cash_micros',
    int(seen.cash) }
  local function add_number(name, value)
    numbers[#numbers + 1] = name
    numbers[#numbers + 1] = value
  end
  for _, name in ipairs({ 'worst', 'unbeaten' }) do
    local one = seen[name]
    if one then
      add_number(name, one.id .. ' ' .. one.symbol .. ' ' .. one.pnl .. ' ' .. int(one.held_micros))
      if tells_worth(settings) then add_number(name .. '_worth', worth_text(one)) end
    end
  end
  if seen.victims then add_number('victims_needed', int(seen.victims)) end
  local bar = seen.sum or (seen.unbeaten and seen.unbeaten.pnl_nanos)
  local least = bar and least_better(bar, settings)
  if least then
    add_number('bar_pnl', nanos_text(bar))
    add_number('needs_pnl', nanos_text(least))
  end
  if settings.policy == 'expected' then add_number('thief_expected', nanos_text(seen.thief_nanos)) end
  return numbers
end

-- Why other orders were not even looked at, counted from the index with a few reads per refusal. `passed`:
-- what each_candidate passed over.
local function passed_over(passed, settings)
  local function beyond_of(key)
    local count = 0
    for _, symbol in ipairs(redis.call('ZRANGE', PREFIX .. key, '0', '31')) do
      count = count + redis.call('ZCARD', PREFIX .. 'far:total:' .. symbol)
    end
    return count
  end
  local live, tracked, far = redis.call('SCARD', PREFIX .. 'live'), number('tracked'), number('far')
  local young = (settings.min_residency_ms or 0) > 0 and redis.call('ZCARD', PREFIX .. 'protected_until')
  return 'exempt ' .. int(math.max(0, live - tracked - (young or 0))) .. ';near ' .. int(tracked - far)
    .. ';cooling '
    .. int(beyond_of('cooldowns')) .. ';fighting ' .. int(beyond_of('fighting')) .. ';no_quote '
    .. int(redis.call('SCARD', PREFIX .. 'stale')) .. ';own ' .. int(passed.own) .. ';stole_from_us '
    .. int(passed.stole_from_us) .. ';would_fight ' .. int(passed.would_fight)
    .. (passed.no_cash > 0 and ';no_cash ' .. int(passed.no_cash) or '')
    .. (young and ';young ' .. int(young) or '')
    .. ((settings.max_robbed or 0) > 0 and ';often_robbed ' .. int(beyond_of('often_robbed')) or '')
end

-- Returns the victims (worst first), or nil and the reason; then how many were looked at, what was passed
-- over, the fights, and what was seen, for refusal_numbers.
local function select_victims(wish, lack, settings)
  -- What a victim frees for this thief: in total, in its own pool, of cash.
  local function freed_by(victim)
    local own = wish.pool ~= '' and victim.pool == wish.pool and victim.held_pool_micros or 0
    return { total = victim.held_micros, own = own, cash = victim.held_cash_micros }
  end

  -- Does `freed`, less `less`, cover `lack`?
  local function covers(freed, lack, less)
    for _, of in ipairs({ 'total', 'own', 'cash' }) do
      if freed[of] - (less and less[of] or 0) < lack[of] then return false end
    end
    return true
  end

  local function add_freed(sum, freed, sign)
    for of, micros in pairs(freed) do sum[of] = sum[of] + sign * micros end
  end

  -- Without the victims that are not needed, let go from the best back.
  local function needed(set, freed)
    local left = { total = freed.total, own = freed.own, cash = freed.cash }
    local kept = { unpack(set) }
    for i = #kept, 1, -1 do
      local victim = freed_by(kept[i])
      if covers(left, lack, victim) then
        table.remove(kept, i)
        add_freed(left, victim, -1)
      end
    end
    return kept
  end

  local thief_nanos = base_of(wish.pnl, wish.fill_probability, settings)
  -- What a set gives up; nil if it may not be taken.
  local function given_up(set)
    if #set > settings.max_victims then return nil end
    local sum = sum_of(set)
    return is_better(thief_nanos, sum, settings) and sum or nil
  end

  local pool = (lack.own > 0 and lack.total == 0) and wish.pool or 'total'
  local cash_only = lack.cash > 0 and lack.total == 0 and lack.own == 0
  local greedy, single, covered, worst_beaten, greedy_sum = {}, nil, false, nil, nil
  local sum = { total = 0, own = 0, cash = 0 }
  local seen = { thief_nanos = thief_nanos }

  local looked, passed, fights = each_candidate(wish, pool, cash_only, settings, function(candidate)
    local beaten = is_better(thief_nanos, candidate.pnl_nanos, settings)
    if worst_beaten == nil then worst_beaten, seen.worst = beaten, candidate end
    if not beaten then
      seen.unbeaten = candidate
      return false
    end
    local freed = freed_by(candidate)
    if not covered then
      -- An order helps if it frees room in a pool that still lacks some.
      local helps = sum.total < lack.total or (sum.own < lack.own and freed.own > 0)
        or (sum.cash < lack.cash and freed.cash > 0)
      if helps then
        greedy[#greedy + 1] = candidate
        add_freed(sum, freed, 1)
        covered = covers(sum, lack)
      end
    end
    if not single and covers(freed, lack) then single = candidate end
    if not covered then return true end
    if single then return false end
    if settings.policy == 'distance' then return true end
    -- No later order has a lower PnL than this one, so none alone gives up less than a set that sums to less.
    greedy_sum = greedy_sum or given_up(needed(greedy, sum)) or math.huge
    return greedy_sum >= candidate.pnl_nanos
  end)

  seen.total, seen.own, seen.cash = sum.total, sum.own, sum.cash
  if looked == 0 then
    return nil, passed.would_fight > 0 and 'fighting' or 'no_candidates', looked, passed, fights, seen
  end
  if not worst_beaten then return nil, 'pnl_not_better', looked, passed, fights, seen end

  local sets = {}
  if covered then sets[1] = needed(greedy, sum) end
  if single then sets[#sets + 1] = { single } end
  if #sets == 0 then return nil, 'insufficient_freed', looked, passed, fights, seen end

  local small, best, best_sum = false, nil, nil
  for _, set in ipairs(sets) do
    if not seen.victims or #set < seen.victims then seen.victims = #set end
    if #set <= settings.max_victims then
      small = true
      local sum = sum_of(set)
      if not seen.sum or sum < seen.sum then seen.sum = sum end
      if given_up(set) and (not best or sum < best_sum or (sum == best_sum and #set < #best)) then
        best, best_sum = set, sum
      end
    end
  end
  if best then return best, nil, looked, passed, fights end
  return nil, small and 'pnl_not_better' or 'too_many_victims', looked, passed, fights, seen
end
