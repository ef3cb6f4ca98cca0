-- An order in sentences: what it waits for, whether it may be taken, how it ended.

--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "reply"
--- @include "protection"
--- @include "why-words"
--- @include "why-steals"
--- @include "decimal"
--- @include "worth"

-- What an order counts as a victim, as text, and the words for it; nil where that is its PnL.
local function worth_now(order)
  local half_life_ms = tonumber(settings.half_life_ms or 0)
  local is_expected = settings.policy == 'expected'
  if half_life_ms == 0 and not is_expected then return nil end
  local created_ms = tonumber(order.created_at_ms)
  local base = base_of(to_nanos(order.pnl), order.fill_probability, settings)
  local worth = nanos_text(worth_of(base, created_ms, half_life_ms))
  local of = 'its PnL of ' .. order.pnl .. (is_expected and ' x ' .. (order.fill_probability or '1') or '')
  if half_life_ms == 0 then return worth, worth .. ', ' .. of end
  return worth, worth .. ', what ' .. of .. ' is worth after ' .. since(created_ms)
end

local STORIES = {
  pending = function(say, order)
    local held, need = exact_usd(order.held_micros), exact_usd(order.need_micros)
    say('It waits for the room of its victims: it holds %s of the %s that it needs.', held, need)
  end,
  reserved = function(say, order)
    local sent, held = tonumber(order.sent_at_ms) or 0, exact_usd(order.held_micros)
    if sent == 0 then
      local lease = tonumber(redis.call('ZSCORE', PREFIX .. 'leases', order.id) or 0)
      return say('Its room is reserved, %s; unless it is sent or renewed that ends in %s.', held,
        duration(lease - health_ms))
    end
    local ago = duration(health_ms - sent)
    say('It was sent to the broker %s ago, which has not confirmed it: its %s count until then.', ago, held)
    if order.unclear == '1' then say('Its sender is gone; the keeper asks the broker.') end
  end,
  working = function(say, order)
    say('It works at the broker as %s and holds %s.', order.broker_id, exact_usd(order.held_micros))
    local word, sentence = protection(order)
    if word == 'takeable' then
      local _, words = worth_now(order)
      say('It may be taken by a thief close to its own limit with a PnL that beats %s.', words or order.pnl)
    else
      say('It can not be taken: %s.', sentence)
    end
  end,
  cancelling = function(say, order)
    local ago = duration(health_ms - tonumber(order.cancel_asked_ms))
    say('It is being cancelled, asked %s ago; its %s count until the broker confirms it.', ago,
      exact_usd(order.held_micros))
    if (order.robbed_by or '') == '' then
      say('%s asked: %s.', (order.cancel_by or '') ~= '' and order.cancel_by or 'Its own watcher',
        order.cancel_reason or '')
    end
  end,
}

local function end_story(say, order)
  if order.reason == 'by_hand' then
    local by = order.cancel_by or ''
    say('%s. It is not placed again at once.', by ~= '' and by .. ' cancelled it'
      or 'It was cancelled at the broker, and no process here asked for that: by hand, or by the broker')
  end
  if order.reason == 'makes_way' and (order.cancel_by or '') ~= '' then
    say('It was cancelled to make way for an exit of its symbol: %s.', order.cancel_by)
  end
  if order.reason == 'over_cap' then
    say('Its room was gone before it was sent: the cap was lowered since it was granted, or its price rose. '
      .. 'It was given back unsent; its plan asks again.')
  end
  say('It ended %s at %s (%s); %s of %s was filled.', order.state, when(order.ended_at_ms),
    order.reason or '', order.filled_qty, order.qty)
end

-- A person changed it at the broker (amend).
local function change_story(say, order)
  say('It was changed at the broker %s ago: %s at %s, as %s.',
    duration(health_ms - tonumber(order.amended_ms)), order.qty, order.limit, order.broker_id)
  if (order.next_qty or '') ~= '' then
    say('There %s at %s waits to take its place; the larger of both counts.', order.next_qty,
      order.next_limit)
  end
end

local function order_story(order)
  local list, say = sentences()
  local tell = STORIES[order.state] or end_story
  tell(say, order)
  if order.amended_ms then change_story(say, order) end
  if (order.robbed_by or '') ~= '' then victim_story(say, order) end
  local steal = hash('steal:' .. order.id)
  if steal.at_ms then thief_story(say, steal, order.id) end
  return list
end

local function order_facts(order)
  local worth = worth_now(order)
  local pools = order.pool ~= '' and order.pool .. ' and in total' or 'total'
  add_facts(nil, {
    { 'order', 'id', order.id, order.id .. ', ' .. order.state },
    { 'wish', nil, nil, wish_words(order) .. ' (' .. order.kind .. ', ' .. order.mode .. ')' },
    { 'needs', 'needMicros', tonumber(order.need_micros), exact_usd(order.need_micros) .. ' in ' .. pools },
    { 'PnL', 'pnl', order.pnl, worth and pnl_words(order) .. ', worth ' .. worth .. ' as a victim' or
      pnl_words(order) },
    { 'plan', 'plan', order.plan },
    { 'owner', 'owner', order.owner },
    { 'created', 'createdAtMs', tonumber(order.created_at_ms), when(order.created_at_ms) },
  })
  values[#values + 1] = { 'fillProbability', order.fill_probability or '1' }
  if worth then values[#values + 1] = { 'worth', worth } end
  values[#values + 1] = { 'state', order.state }
  values[#values + 1] = { 'symbol', order.symbol }
  add_sentences('why', 'why', order_story(order))
end
