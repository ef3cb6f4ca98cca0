-- why: explains the state of an order or a plan: what it needed and what room there was, which orders were
-- passed over and by which rule, who took whose room, and what would have to change.
--
--   redis-cli --eval lua/redis-cli/why.lua ws:{demo}:account , p17
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    ID                     of an order (`p17_1`) or of a plan (`p17`)
-- ARGV[..]   json | view            the values as JSON, or the cells of the tables; left out: lines for
--                                   people
--
-- Reads only (EVAL_RO will do) and looks at a few keys. Refusals are kept for an hour after the last one,
-- ended orders for the history's age.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "prices"
--- @include "protection"
--- @include "doubts"

local id = words[1]
if not id then
  return redis.error_reply('USAGE redis-cli --eval lua/redis-cli/why.lua ws:{ACCOUNT}:account , '
    .. 'ORDER_OR_PLAN')
end
if #id > 64 or string.find(id, '[^%w_%-]') or words[2] then return stray(words[2] or id) end

-- Three decimals of a percent: 0.3 % and 0.301 % must differ.
local function fine(share) return (string.gsub(string.format('%.3f', share * 100), '%.?0+$', '')) .. ' %' end
local function listed(text) return (string.gsub(text or '', ';', ', ')) end
local function plural(count, one, many) return int(count) .. ' ' .. (tonumber(count) == 1 and one or many) end

-- "id symbol pnl held_micros" -> "m1 (MSFT, PnL 5, $100.00)"
local function order_words(text)
  local order, symbol, pnl, held = string.match(text, '^(%S+) (%S+) (%S+) (%d+)$')
  return order .. ' (' .. symbol .. ', PnL ' .. pnl .. ', ' .. exact_usd(held) .. ')'
end

local function better_words()
  if settings.policy == 'distance' then return 'it was further from its limit' end
  return 'a thief must be ' .. settings.improvement .. ' x better'
end

-- Why a live watcher cannot use the symbol's quotes, and which one (host-note); nil when none says so.
local function unpriced_words(symbol)
  for _, host in ipairs(redis.call('ZRANGEBYSCORE', PREFIX .. 'hosts', int(health_ms - 15000), '+inf',
    'LIMIT', 0, 256)) do
    local text = ';' .. (redis.call('HGET', PREFIX .. 'host:' .. host, 'unpriced') or '') .. ';'
    local from = string.find(text, ';' .. symbol .. ' ', 1, true)
    if from then return string.match(text, '^[^;]*', from + #symbol + 2), host end
  end
  return nil
end

-- How far the price is from an order's limit now.
local function nearness(wish)
  local _, at, price = price_of(wish.symbol)
  local doubted, doubted_ms = doubt_of(wish.symbol)
  local doubt = ''
  if doubted then
    doubt = string.format(' A price of %s was doubted %s ago: it is more than %s from the last one, '
      .. 'and no later price has confirmed it.',
      doubted, duration(math.max(0, health_ms - doubted_ms)), percent(tonumber(settings.quote_max_jump or 0)))
  end
  if not price then
    local words, host = unpriced_words(wish.symbol)
    return wish.symbol .. ' has no price younger than ' .. duration(tonumber(settings.quote_max_age_ms))
      .. ' now' .. (words and ': ' .. words .. ' (says ' .. host .. ').' or '.') .. doubt
  end
  return 'Now ' .. wish.symbol .. ' is at ' .. price .. ', ' .. fine(distance(wish.side, wish.limit, price))
    .. ' from the limit ' .. wish.limit .. ' (the steal gate is ' .. fine(tonumber(settings.gate)) .. ').'
    .. doubt
end

local function room_words(pool, total_micros, pool_micros)
  local text = exact_usd(total_micros) .. ' in total'
  if pool and pool ~= '' then
    text = text .. ' and ' .. exact_usd(pool_micros or room(pool)) .. ' in ' .. pool
  end
  return text
end

-- A list of sentences, and a function that adds a formatted one.
local function sentences()
  local list = {}
  return list, function(form, ...) list[#list + 1] = string.format(form, ...) end
end

-- 2025-01-15T15:00:00Z, 3 s ago
local function when(ms) return iso(tonumber(ms)) .. ', ' .. since(tonumber(ms)) .. ' ago' end

-- A victim's outcome, as the rest of a sentence.
local function fate(victim_id)
  local state, held, filled,
    qty = unpack(redis.call('HMGET', PREFIX .. 'order:' .. victim_id, 'state', 'held_micros', 'filled_qty',
    'qty'))
  if not state then return 'is not on record any more' end
  if state == 'cancelling' then
    return 'is still being cancelled: its ' .. exact_usd(held) .. ' count until the broker confirms it'
  end
  if state == 'filled' then return 'was filled meanwhile, so it freed nothing' end
  local part = filled ~= '0' and string.format(', %s of %s filled', filled, qty) or ''
  return 'ended ' .. state .. part .. ': its room was freed'
end

-- The steal whose thief the order is: its victims and its progress.
local function thief_story(say, steal, steal_id)
  local own = tonumber(steal.lack_pool_micros) > 0 and ' and ' .. exact_usd(steal.lack_pool_micros)
    .. ' in its pool' or ''
  local need, lack = exact_usd(steal.need_micros), exact_usd(steal.lack_micros)
  say('It took room at %s: it needed %s and lacked %s in total%s.', when(steal.at_ms), need, lack, own)
  for text in string.gmatch(steal.victims, '[^;]+') do
    say('Victim %s %s.', order_words(text), fate(string.match(text, '^%S+')))
  end
  say('Its PnL of %s had to beat theirs (%s).', steal.thief_pnl, better_words())
  if steal.prices then say('Prices at that instant: %s.', (string.gsub(steal.prices, ';', ', '))) end
  if steal.state == 'pending' then
    say('The steal waits for %s.', plural(steal.left, 'victim', 'victims'))
  else
    local later = duration(tonumber(steal.ended_at_ms) - tonumber(steal.at_ms))
    say('The steal was %s %s later%s.', steal.state, later, steal.reason and ': ' .. steal.reason or '')
  end
  if steal.outcome == 'unused' then
    say('The thief did not use the room (%s).', steal.outcome_reason or '')
  end
  if steal.outcome == 'refused' then
    say('The broker refused the thief (%s): the room was taken for nothing.', steal.outcome_reason or '')
  end
  values[#values + 1] = { 'steal',
    { { 'id', steal_id }, { 'state', steal.state }, { 'outcome', steal.outcome },
    { 'atMs', tonumber(steal.at_ms) }, { 'thiefPnl', steal.thief_pnl }, { 'victims', steal.victims } } }
end

-- The steal that took an order's room.
local function victim_story(say, order)
  local steal = hash('steal:' .. order.robbed_by)
  if not steal.at_ms then
    return say('Order %s took its room; that steal is not on record any more.', order.robbed_by)
  end
  local because = settings.policy == 'distance' and better_words()
    or string.format('PnL %s against %s, where %s', steal.thief_pnl, order.pnl, better_words())
  say('Order %s (%s, PnL %s) took its room at %s: %s.', order.robbed_by, steal.thief_symbol, steal.thief_pnl,
    when(steal.at_ms), because)
  say('That steal %s.', steal.state == 'pending' and 'is pending' or 'was ' .. steal.state)
  values[#values + 1] = { 'robbed', { { 'by', order.robbed_by }, { 'symbol', steal.thief_symbol },
    { 'thiefPnl', steal.thief_pnl }, { 'pnl', order.pnl }, { 'improvement', settings.improvement },
    { 'atMs', tonumber(steal.at_ms) }, { 'state', steal.state } } }
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
    say('It was sent to the broker %s ago, which has not confirmed it: its %s count until the broker tells.',
      ago, held)
    if order.unclear == '1' then say('Its sender is gone; the keeper asks the broker.') end
  end,
  working = function(say, order)
    say('It works at the broker as %s and holds %s.', order.broker_id, exact_usd(order.held_micros))
    local word, sentence = protection(order)
    if word == 'takeable' then
      say('It may be taken by a thief close to its own limit with a PnL that beats %s.', order.pnl)
    else
      say('It can not be taken: %s.', sentence)
    end
  end,
  cancelling = function(say, order)
    local ago = duration(health_ms - tonumber(order.cancel_asked_ms))
    say('It is being cancelled, asked %s ago; its %s count until the broker confirms it.', ago,
      exact_usd(order.held_micros))
    if (order.robbed_by or '') == '' then say('Its own watcher asked: %s.', order.cancel_reason or '') end
  end,
}

local function end_story(say, order)
  if order.reason == 'by_hand' then
    say('It was cancelled at the broker, and nobody here asked for that: by hand, or by the broker. '
      .. 'It is not placed again at once.')
  end
  say('It ended %s at %s (%s); %s of %s was filled.', order.state, when(order.ended_at_ms),
    order.reason or '', order.filled_qty, order.qty)
end

-- A person changed it at the broker (amend).
local function change_story(say, order)
  say('It was changed at the broker %s ago: %s at %s, as %s.',
    duration(health_ms - tonumber(order.amended_ms)), order.qty, order.limit, order.broker_id)
  if (order.next_broker_id or '') ~= '' then
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

local CLASSES = { { 'exempt', 'rule 1', 'orders',
  'reservations, orders being cancelled, exits, probes, VIP symbols, orders from outside' },
  { 'near', 'rule 2', 'orders', 'within the protection of their limit, or without a price' },
  { 'no_quote', 'rule 2', 'symbols', 'no fresh price' },
  { 'cooling', 'rule 3', 'orders', 'their symbol was stolen from within the cooldown' },
  { 'fighting', 'rule 4', 'orders', 'their symbol is in a fight' },
  { 'no_cash', 'cash', 'symbols', 'bought on margin: they free no cash, which is all that it lacks' },
  { 'own', 'rule 5', 'symbols', "the thief's own symbol" },
  { 'stole_from_us', 'rule 5', 'symbols', 'stole from this symbol within the cooldown: no stealing back' },
  { 'would_fight', 'rule 6', 'symbols', 'one more steal between the two would be a fight' }, }

-- What the refusal passed over, as it was counted then.
local function class_rows(refusal)
  local rows = {}
  for _, class in ipairs(CLASSES) do
    local name, rule, of, why = unpack(class)
    local count = tonumber(string.match(';' .. refusal.passed_over, ';' .. name .. ' (%d+)') or 0)
    if name == 'would_fight' then why = why .. ': ' .. listed(refusal.would_fight) end
    if count > 0 then rows[#rows + 1] = { rule, name, count, of, why } end
  end
  local looked = 'looked at, worst first, up to the first that is not beaten'
  rows[#rows + 1] = { 'ranking', 'looked', tonumber(refusal.looked or 0), 'orders', looked }
  return rows
end

-- Protected symbols whose orders become candidates when the protection ends, soonest first.
local function soon(key, what, need)
  local flat = redis.call('ZRANGEBYSCORE', PREFIX .. key, '(' .. int(now_ms), '+inf', 'WITHSCORES',
    'LIMIT', 0, 16)
  local told = 0
  for i = 1, #flat, 2 do
    local orders = redis.call('ZCARD', PREFIX .. 'far:total:' .. flat[i])
    if orders > 0 and told < 3 then
      told = told + 1
      local left = until_then(tonumber(flat[i + 1]))
      need("%s's %s ends in %s (%s far from the limit)", flat[i], what, left,
        plural(orders, 'order', 'orders'))
    end
  end
end

-- The text of each refusal, and what would have to change.
local REASONS = {
  halted = function(_, say, need)
    say('The account was halted.')
    need('the account is resumed')
  end,
  closed = function(r, say, need)
    say('The account was closed for entries (%s): %s.', r.cause, r.words)
    need('the cause is over; where a person decides that: worksteal reopen %s', r.cause)
  end,
  unsynced = function(_, say, need)
    say('The ledger was not reconciled with the broker lately, so nothing was admitted (I8).')
    need('a keeper reconciles the account')
  end,
  opposite = function(r, say, need)
    local plan = (r.by_plan or '') ~= '' and ' of plan ' .. r.by_plan or ''
    if (r.by or '') ~= '' then
      say("Order %s%s is on %s's other side: the broker takes no order against an open one, "
        .. 'and nets what is held.', r.by, plan, r.symbol)
      need('%s ends, and what that side holds is closed', r.by)
      return
    end
    local held = string.gsub(r.held_qty, '^%-', '')
    say('The account holds %s of %s %s%s, and the broker nets positions: this order would close it.', held,
      r.symbol, held == r.held_qty and 'long' or 'short', plan)
    need('that position is closed')
  end,
  no_position = function(r, say, need)
    say('It was to close %s of %s; %s is held, and other exits close %s of that.', r.asked_qty, r.symbol,
      r.held_qty, r.exits_qty)
    need('a position to close: its watcher asks the broker, and closes what is there')
  end,
  unconfirmed = function(r, say, need)
    say('It was to close a position of %s that nobody had confirmed lately, '
      .. 'so the broker had to be asked first.', r.symbol)
    need("the broker's answer: its watcher asks for it")
  end,
  untakeable = function(r, say, need)
    say('The broker would not take it (%s): %s.', r.why, r.words)
    need('the broker takes such an order: it is asked again every half minute')
  end,
  disabled = function(r, say, need)
    if r.why == 'pools_differ' then
      say('Its host may not enter it: the host puts symbols into other pools than the account has, '
        .. 'or the plan names a pool that the account lacks%s.',
        r.pool ~= '' and ' (' .. r.pool .. ')' or '')
      need('its host is restarted with the WORK_STEALING_POOLS and CRYPTO_SYMBOLS of the active keeper: '
        .. 'compare worksteal config')
      return
    end
    if r.why == 'settings_differ' then
      say('It did not fit, and its host may not steal: it plays by settings %s, the account by %s.',
        r.host_settings, r.account_settings)
      need('the settings agree: compare worksteal config at the host and at the active keeper')
      return
    end
    say('It did not fit, and stealing is switched off.')
    need('WORK_STEALING_ENABLED is 1')
  end,
  no_price = function(r, say, need)
    local last = (r.quote_age_ms or '') == '' and 'there was none' or 'the last was '
      .. duration(tonumber(r.quote_age_ms)) .. ' old'
    if r.doubted_price then
      say('A sale that opens a short position fills at the market, and a price of %s, above the last, '
        .. 'was in doubt: it may be true.', r.doubted_price)
      need('a later price of %s that confirms it, or one near the last', r.symbol)
      return
    end
    if r.kind == 'entry' and r.side == 'sell' then
      say('A sale that opens a short position fills at the market, '
      .. 'so without a fresh price nobody knows what it may cost (%s).', last)
      need('a price of %s younger than %s', r.symbol, duration(tonumber(settings.quote_max_age_ms)))
      return
    end
    say('It did not fit, and without a fresh price nobody knows how near its limit it was (%s).', last)
    need('a price of %s younger than %s', r.symbol, duration(tonumber(settings.quote_max_age_ms)))
  end,
  not_close_enough = function(r, say, need)
    local away, gate = fine(tonumber(r.distance)), fine(tonumber(settings.gate))
    say('It did not fit and was too far from its limit to steal: %s was at %s, %s from %s.', r.symbol,
      r.price, away, r.limit)
    need('the price within %s of the limit: at or %s %s', gate, r.side == 'buy' and 'below' or 'above',
      r.gate_price)
  end,
  barred = function(r, say, need)
    local because = r.cause == 'unused' and 'it did not use the room that victims were cancelled for'
      or 'the broker refused its order'
    say('It did not fit, and may not steal until %s: %s (%s), for the %s time in a row.',
      iso(tonumber(r.until_ms)), because, r.bar_reason, r.barred_times == '1' and 'first' or r.barred_times
      .. '.')
    local left = tonumber(r.until_ms) - now_ms
    need(left > 0 and 'its bar ends, in %s' or 'it tries again: its bar has ended',
      duration(math.max(0, left)))
    need('an order of it works at the broker')
  end,
  no_candidates = function(_, say) say('It did not fit, and no order could be a victim.') end,
  fighting = function(r, say)
    say('It did not fit, and with every order that could be a victim a steal would have been a fight: %s.',
      listed(r.would_fight))
  end,
  pnl_not_better = function(r, say)
    local whom = r.victims_needed and 'the ' .. r.bar_pnl .. ' that its victims have together'
      or 'the worst candidate, ' .. order_words(r.worst)
    say('It did not fit, and its PnL of %s does not beat %s: %s.', r.pnl, whom, better_words())
  end,
  insufficient_freed = function(r, say)
    local own = r.pool ~= '' and ' in total and ' .. exact_usd(r.frees_pool_micros) .. ' in ' .. r.pool or ''
    say('It did not fit, and the orders that it beats free %s%s, too little.', exact_usd(r.frees_micros), own)
    if r.unbeaten then say('The next, %s, is not beaten.', order_words(r.unbeaten)) end
  end,
  too_many_victims = function(r, say, need)
    say('It did not fit, and it would have taken %s victims; one steal may have %s.', r.victims_needed,
      settings.max_victims)
    need('WORK_STEALING_MAX_VICTIMS is at least %s', r.victims_needed)
  end,
}

-- The needs that several reasons share: a better PnL, others losing their protection, room.
local function common_needs(r, need, lack, lack_own)
  if r.needs_pnl then
    local above = tonumber(r.needs_pnl) - tonumber(r.bar_pnl) < 2e-9
    need('a PnL %s %s', above and 'above' or 'of at least', above and r.bar_pnl or r.needs_pnl)
  end
  if r.passed_over then
    if r.reason ~= 'pnl_not_better' then
      need('an order moves further than %s from its limit', fine(tonumber(settings.protection)))
    end
    soon('cooldowns', 'cooldown', need)
    soon('fighting', 'fight', need)
  end
  local more = {}
  if lack > 0 then more[1] = exact_usd(lack) .. ' more room in total' end
  if lack_own > 0 then more[#more + 1] = exact_usd(lack_own) .. ' more room in ' .. r.pool end
  if #more > 0 then need('%s', table.concat(more, ' and ')) end
end

local function refusal_story(r)
  local told, say = sentences()
  local needed, need = sentences()
  local times = plural(r.times, 'time', 'times')
  say('Refused %s since %s, last %s ago as %s: %s.', times, iso(tonumber(r.first_at_ms)),
    since(tonumber(r.at_ms)), r.order, r.reason)
  say('It needed %s; there was room for %s.', exact_usd(r.need_micros),
    room_words(r.pool, r.room_micros, r.pool_room_micros))
  if r.cash_room_micros then
    say('Crypto is bought with cash alone: there was %s of it.', exact_usd(r.cash_room_micros))
  end
  REASONS[r.reason](r, say, need)
  say('%s', nearness(r))
  local lack, lack_own = 0, 0
  if r.kind ~= 'exit' then
    lack = tonumber(r.need_micros) - room('total')
    if r.pool ~= '' then lack_own = tonumber(r.need_micros) - room(r.pool) end
    local fits = lack <= 0 and lack_own <= 0 and ': it would fit' or ''
    say('Now there is room for %s%s.', room_words(r.pool, room('total')), fits)
  end
  common_needs(r, need, lack, lack_own)
  local lack_cash = r.cash_room_micros and tonumber(r.need_micros) - tonumber(r.cash_room_micros) or 0
  if lack_cash > 0 then
    need('%s more cash at the broker, or orders of crypto that end', exact_usd(lack_cash))
  end
  add_sentences('refused', 'refused', told)
  values[#values + 1] = { 'refusal',
    { { 'reason', r.reason }, { 'order', r.order }, { 'times', tonumber(r.times) },
    { 'firstAtMs', tonumber(r.first_at_ms) }, { 'atMs', tonumber(r.at_ms) },
    { 'needMicros', tonumber(r.need_micros) }, { 'roomMicros', tonumber(r.room_micros) },
    { 'poolRoomMicros', tonumber(r.pool_room_micros or '') }, { 'price', r.price },
    { 'gatePrice', r.gate_price }, { 'barPnl', r.bar_pnl }, { 'needsPnl', r.needs_pnl }, { 'worst', r.worst },
    { 'wouldFight', r.would_fight } } }
  if r.passed_over then
    local columns = { { 'RULE', 'rule' }, { 'CLASS', 'class' }, { 'COUNT', 'count', int }, { 'OF', 'of' },
      { 'WHY', 'why' } }
    add_table('passedOver', 'passed over', columns, class_rows(r))
  end
  add_sentences('wouldChange', 'any of these would change it', needed)
end

local function wish_words(wish)
  return wish.side .. ' ' .. wish.qty .. ' ' .. wish.symbol .. ' at ' .. wish.limit
end

local function order_facts(order)
  local pools = order.pool ~= '' and order.pool .. ' and in total' or 'total'
  add_facts(nil, {
    { 'order', 'id', order.id, order.id .. ', ' .. order.state },
    { 'wish', nil, nil, wish_words(order) .. ' (' .. order.kind .. ', ' .. order.mode .. ')' },
    { 'needs', 'needMicros', tonumber(order.need_micros), exact_usd(order.need_micros) .. ' in ' .. pools },
    { 'PnL', 'pnl', order.pnl },
    { 'plan', 'plan', order.plan },
    { 'owner', 'owner', order.owner },
    { 'created', 'createdAtMs', tonumber(order.created_at_ms), when(order.created_at_ms) },
  })
  values[#values + 1] = { 'state', order.state }
  values[#values + 1] = { 'symbol', order.symbol }
  add_sentences('why', 'why', order_story(order))
end

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
    { 'PnL', 'pnl', plan.pnl },
    { 'pool', 'pool', plan.pool },
    { 'attempt', 'attempt', tonumber(plan.attempt) },
    { 'owner', 'owner', plan.owner },
    { 'filed', 'filedAtMs', tonumber(plan.filed_at_ms), when(plan.filed_at_ms) },
  })
  values[#values + 1] = { 'stage', plan.stage }
  values[#values + 1] = { 'symbol', plan.symbol }
  local list, say = sentences()
  if plan.ended_at_ms then
    say('It ended %s at %s (%s).', plan.stage, when(plan.ended_at_ms), plan.reason or '')
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
    if (plan.withdraw_asked or '') ~= '' then
      say('Its planner asked for its end: %s.', plan.withdraw_asked)
    end
  end
  add_sentences('why', 'why', list)
end

-- A plan's last order: its exit if it has one, otherwise its entry if that was admitted.
local function order_of(plan)
  local exits = tonumber(plan.exit_attempt) or 0
  local exit = exits > 0 and hash('order:' .. plan.id .. '_x' .. exits) or {}
  if exit.id then return exit end
  return hash('order:' .. plan.id .. '_' .. plan.attempt)
end

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
    { 'PnL', 'pnl', refusal.pnl }, { 'plan', 'plan', refusal.plan } })
else return redis.error_reply(string.format('UNKNOWN there is no order, plan or refusal "%s" on record; '
  .. 'refusals are kept for an hour, ended orders for %s', clean(id),
  duration(tonumber(settings.history_ttl_ms))))
end

-- A refusal explains a wish without an order, or a new try after the order ended.
if refusal.reason and (not order.id
  or (FINAL[order.state] and tonumber(refusal.at_ms) >= tonumber(order.ended_at_ms))) then
  refusal_story(refusal)
elseif refusal.reason then
  local list, say = sentences()
  say('Refused %s before, last %s ago: %s.', plural(refusal.times, 'time', 'times'),
    since(tonumber(refusal.at_ms)), refusal.reason)
  add_sentences('earlier', 'before', list)
end
if settings.dry_run == '1' then
  add_sentences('dryRun', 'dry run', { 'Steals are only reported in this account, never carried out.' })
end
return answer()
