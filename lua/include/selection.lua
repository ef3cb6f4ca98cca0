-- Choosing the set of victims (rules.md, Improvement and Choosing the set).

--- @include "candidates"

-- thief >= victim + f x |victim| and thief > victim, in nanos. f x |victim| is rounded up, which changes nothing: the
-- other side is an integer.
local function is_better(thief_nanos, victim_nanos, settings)
  if settings.policy == 'distance' then return true end
  if thief_nanos <= victim_nanos then return false end
  local margin, inexact = scale_nanos(math.abs(victim_nanos), settings.improvement_nanos)
  if not margin then return false end                -- a margin beyond 2^53 is beyond any difference
  return thief_nanos - victim_nanos >= margin + (inexact and 1 or 0)
end

local function sum_of(set)
  local sum = 0
  for _, victim in ipairs(set) do sum = sum + victim.pnl_nanos end
  return sum
end

-- The least PnL that would beat this one; nil where none would.
local function least_better(victim_nanos, settings)
  if settings.policy == 'distance' then return nil end
  local margin, inexact = scale_nanos(math.abs(victim_nanos), settings.improvement_nanos)
  return margin and victim_nanos + math.max(1, margin + (inexact and 1 or 0))
end

-- Of a refusal, for those who ask what would have to change: the worst candidate and the first that was not beaten as
-- "id symbol pnl held_micros"; what the beaten ones free; how many it would take; the PnL to beat, and the least that beats it.
local function refusal_numbers(seen, settings)
  local numbers = { 'frees_micros', int(seen.total), 'frees_pool_micros', int(seen.own) }
  local function add_number(name, value)
    numbers[#numbers + 1] = name
    numbers[#numbers + 1] = value
  end
  for _, name in ipairs({ 'worst', 'unbeaten' }) do
    local one = seen[name]
    if one then add_number(name, one.id .. ' ' .. one.symbol .. ' ' .. one.pnl .. ' ' .. int(one.held_micros)) end
  end
  if seen.victims then add_number('victims_needed', int(seen.victims)) end
  local bar = seen.sum or (seen.unbeaten and seen.unbeaten.pnl_nanos)
  local least = bar and least_better(bar, settings)
  if least then
    add_number('bar_pnl', nanos_text(bar))
    add_number('needs_pnl', nanos_text(least))
  end
  return numbers
end

-- Returns the victims (worst first), or nil and the reason; then what was looked at and passed over, the fights, and what was
-- seen for refusal_numbers.
local function select_victims(wish, lack_total, lack_own, settings)
  local thief_nanos = wish.pnl
  local pool = (lack_own > 0 and lack_total == 0) and wish.pool or 'total'
  local greedy, single, covered, worst_beaten = {}, nil, false, nil
  local total, own = 0, 0
  local seen = {}

  local looked, passed, fights = each_candidate(wish, pool, settings, function(candidate)
    local beaten = is_better(thief_nanos, candidate.pnl_nanos, settings)
    if worst_beaten == nil then worst_beaten, seen.worst = beaten, candidate end
    if not beaten then
      seen.unbeaten = candidate
      return false
    end
    local frees_own = wish.pool ~= '' and candidate.pool == wish.pool and candidate.held_pool_micros or 0
    if not covered then
      -- Lacking in both pools, an order of another pool helps only while `total` still lacks.
      if total < lack_total or (own < lack_own and frees_own > 0) then
        greedy[#greedy + 1] = candidate
        total, own = total + candidate.held_micros, own + frees_own
        covered = total >= lack_total and own >= lack_own
      end
    end
    if not single and candidate.held_micros >= lack_total and frees_own >= lack_own then single = candidate end
    return not (covered and single)
  end)

  seen.total, seen.own = total, own
  if looked == 0 then return nil, passed.would_fight > 0 and 'fighting' or 'no_candidates', looked, passed, fights, seen end
  if not worst_beaten then return nil, 'pnl_not_better', looked, passed, fights, seen end

  local sets = {}
  if covered then
    for i = #greedy, 1, -1 do
      local victim = greedy[i]
      local frees_own = wish.pool ~= '' and victim.pool == wish.pool and victim.held_pool_micros or 0
      if total - victim.held_micros >= lack_total and own - frees_own >= lack_own then
        table.remove(greedy, i)
        total, own = total - victim.held_micros, own - frees_own
      end
    end
    sets[1] = greedy
  end
  if single then sets[#sets + 1] = { single } end
  if #sets == 0 then return nil, 'insufficient_freed', looked, passed, fights, seen end

  local small, best, best_sum = false, nil, nil
  for _, set in ipairs(sets) do
    if not seen.victims or #set < seen.victims then seen.victims = #set end
    if #set <= settings.max_victims then
      small = true
      local sum = sum_of(set)
      if not seen.sum or sum < seen.sum then seen.sum = sum end
      if is_better(thief_nanos, sum, settings) and (not best or sum < best_sum or (sum == best_sum and #set < #best)) then
        best, best_sum = set, sum
      end
    end
  end
  if best then return best, nil, looked, passed, fights end
  return nil, small and 'pnl_not_better' or 'too_many_victims', looked, passed, fights, seen
end
