-- What is on record under an id: a plan with its last order, an order, a refusal.

--- @include "account"
--- @include "reply"
--- @include "format"
--- @include "protection"
--- @include "plan-rows"
--- @include "why-words"
--- @include "why-orders"
--- @include "why-refusals"
--- @include "why-plans"

-- A refusal explains a wish without an order, or a new try after the order ended.
local function last_refusal(refusal, order)
  if not refusal.reason then return end
  if not order.id or (FINAL[order.state] and tonumber(refusal.at_ms) >= tonumber(order.ended_at_ms)) then
    return refusal_story(refusal)
  end
  local list, say = sentences()
  say('Refused %s before, last %s ago: %s.', plural(refusal.times, 'time', 'times'),
    since(tonumber(refusal.at_ms)), refusal.reason)
  add_sentences('earlier', 'before', list)
end

-- Explains what this id names; false where nothing is on record.
local function explain_wish(id)
  local order, plan = hash('order:' .. id), hash('plan:' .. id)
  local plan_id = plan.id or (order.plan ~= '' and order.plan) or string.match(id, '^(.+)_x?%d+$') or id
  local refusal = hash('refusal:' .. id)
  if not refusal.reason then refusal = hash('refusal:' .. plan_id) end
  if plan.id then
    plan_facts(plan, refusal.reason)
    order = order_of(plan)
    if order.id then
      add_sentences('order', 'its order ' .. order.id .. ', ' .. order.state, order_story(order))
    end
  elseif order.id then
    order_facts(order)
  elseif refusal.reason then
    add_facts(nil, { { 'refused', 'id', id }, { 'wish', nil, nil, wish_words(refusal) },
      { 'PnL', 'pnl', refusal.pnl, pnl_words(refusal) },
      { 'plan', 'plan', refusal.plan } })
    values[#values + 1] = { 'fillProbability', refusal.fill_probability or '1' }
  else
    return false
  end
  last_refusal(refusal, order)
  return true
end
