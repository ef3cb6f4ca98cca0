-- The last refusal of a wish: its numbers, what was passed over, what would have to change.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "reply"
--- @include "why-words"
--- @include "why-prices"
--- @include "why-reasons"
--- @include "victims"

local CLASSES = { { 'exempt', 'rule 1', 'orders',
  'reservations, orders being cancelled, exits, probes, VIP symbols, orders from outside' },
  { 'near', 'rule 2', 'orders', 'within the protection of their limit, or without a price' },
  { 'no_quote', 'rule 2', 'symbols', 'no fresh price' },
  { 'cooling', 'rule 3', 'orders', 'their symbol was stolen from within the cooldown' },
  { 'fighting', 'rule 4', 'orders', 'their symbol is in a fight' },
  { 'young', 'rule 8', 'orders', 'not old enough yet' },
  { 'often_robbed', 'rule 9', 'orders', 'their symbol was stolen from too often lately' },
  { 'no_cash', 'cash', 'symbols', 'no buys of crypto: they free no cash, which is all that it lacks' },
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
  local looked = 'examined, worst first, up to the first that is not beaten'
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

-- The orders that are old enough soonest.
local function soon_old_enough(need)
  local flat = redis.call('ZRANGEBYSCORE', PREFIX .. 'protected_until', '(' .. int(now_ms), '+inf',
    'WITHSCORES', 'LIMIT', 0, 3)
  for i = 1, #flat, 2 do
    need('order %s is old enough, in %s', flat[i], until_then(tonumber(flat[i + 1])))
  end
end

-- The needs that several reasons share: a better PnL, others losing their protection, room.
local function common_needs(r, need, lack, lack_own)
  if r.needs_pnl then
    local above = tonumber(r.needs_pnl) - tonumber(r.bar_pnl) < 2e-9
    need('%s %s %s', r.thief_expected and 'an expected PnL' or 'a PnL', above and 'above' or 'of at least',
      above and r.bar_pnl or r.needs_pnl)
  end
  if r.passed_over then
    if r.reason ~= 'pnl_not_better' then
      need('an order moves further than %s from its limit', fine(tonumber(settings.protection)))
    end
    soon('cooldowns', 'cooldown', need)
    soon('fighting', 'fight', need)
    soon('often_robbed', 'protection from being robbed often', need)
    soon_old_enough(need)
  end
  local more = {}
  if lack > 0 then more[1] = exact_usd(lack) .. ' more room in total' end
  if lack_own > 0 then more[#more + 1] = exact_usd(lack_own) .. ' more room in ' .. r.pool end
  if #more > 0 then need('%s', table.concat(more, ' and ')) end
end

-- "AAPL;MSFT" -> a list of symbols
local function symbols_of(text)
  local symbols = {}
  for symbol in string.gmatch(text or '', '[^;]+') do symbols[#symbols + 1] = symbol end
  return { list = symbols }
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
    { 'gatePrice', r.gate_price }, { 'barPnl', r.bar_pnl }, { 'needsPnl', r.needs_pnl },
    { 'thiefExpected', r.thief_expected },
    { 'takenMicros', tonumber(r.taken_micros or '') }, { 'takesMicros', tonumber(r.takes_micros or '') },
    { 'budgetMicros', tonumber(r.budget_micros or '') },
    { 'worst', victim_values(victims_of(r.worst)).list[1] }, { 'wouldFight', symbols_of(r.would_fight) } } }
  if r.passed_over then
    local columns = { { 'RULE', 'rule' }, { 'CLASS', 'class' }, { 'COUNT', 'count', int }, { 'OF', 'of' },
      { 'WHY', 'why' } }
    add_table('passedOver', 'passed over', columns, class_rows(r))
  end
  add_sentences('wouldChange', 'any of these would change it', needed)
end
