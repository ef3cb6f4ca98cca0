-- A plan in sentences: its stage, its pauses, its price.

--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "reply"
--- @include "why-words"
--- @include "why-prices"

local STAGES = {
  waiting = 'It waits for its price, or for room.',
  entering = 'Its entry may be at the broker, or waits for room.',
  holding = 'Its entry is filled; it holds the position.',
  exiting = 'Its exit may be at the broker.',
}

-- Until when it begins no attempt, and why: the broker's refusals, or too many attempts
-- (lua/include/paces.lua).
local function pause_story(say, plan)
  local is_held = plan.stage == 'holding' or plan.stage == 'exiting'
  local paused_ms = (plan.paused_for or '') ~= '' and (tonumber(plan.paused_until_ms) or 0) - health_ms or 0
  local wait_ms = (tonumber(is_held and plan.exit_due_ms or plan.entry_due_ms) or 0) - health_ms
  if paused_ms > 0 then
    say('It tries again in %s: the broker refused its last order (%s), %s in a row.', duration(paused_ms),
      plan.paused_for, plural(plan.refused, 'time', 'times'))
  end
  if wait_ms > 0 then
    say('Its next attempt may begin in %s: it began more than ten within a minute.', duration(wait_ms))
  end
  if math.max(paused_ms, wait_ms) > 0 then
    values[#values + 1] = { 'pausedMs', math.max(paused_ms, wait_ms) }
  end
end

local function plan_facts(plan, refused)
  add_facts(nil, {
    { 'plan', 'id', plan.id, plan.id .. ', ' .. plan.stage },
    { 'wish', nil, nil, wish_words(plan) .. ' (' .. plan.mode .. ')' },
    { 'PnL', 'pnl', plan.pnl, pnl_words(plan) },
    { 'pool', 'pool', plan.pool },
    { 'attempt', 'attempt', tonumber(plan.attempt) },
    { 'owner', 'owner', plan.owner },
    { 'filed', 'filedAtMs', tonumber(plan.filed_at_ms), when(plan.filed_at_ms) },
  })
  values[#values + 1] = { 'fillProbability', plan.fill_probability or '1' }
  values[#values + 1] = { 'stage', plan.stage }
  values[#values + 1] = { 'symbol', plan.symbol }
  local list, say = sentences()
  if plan.ended_at_ms then
    say('It ended %s at %s (%s%s).', plan.stage, when(plan.ended_at_ms), plan.reason or '',
      (plan.stopped_by or '') ~= '' and ', asked by ' .. plan.stopped_by or '')
  else
    say('%s%s', STAGES[plan.stage], (plan.owner or '') == '' and ' No host holds it yet.' or '')
    if tonumber(plan.starts_at_ms) > now_ms then
      say('It starts in %s.', until_then(tonumber(plan.starts_at_ms)))
    end
    if tonumber(plan.expires_at_ms) > 0 then
      say('Its entry expires in %s.', until_then(tonumber(plan.expires_at_ms)))
    end
    if plan.stage == 'waiting' and not refused then say('%s', nearness(plan)) end
    pause_story(say, plan)
    local who = (plan.stopped_by or '') ~= '' and plan.stopped_by or nil
    if plan.close_asked_ms then
      say('%s asked to close it at %s: it enters no more, and what it holds is closed at the market.',
        who or 'A person', when(plan.close_asked_ms))
    elseif (plan.withdraw_asked or '') ~= '' then
      say('%s asked for its end: %s.', who or 'Its planner', plan.withdraw_asked)
    end
  end
  add_sentences('why', 'why', list)
end
