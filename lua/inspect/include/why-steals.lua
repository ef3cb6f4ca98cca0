-- A steal in sentences, from its thief's side and from its victim's.

--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "reply"
--- @include "why-words"
--- @include "victims"

-- A victim's outcome, as the rest of a sentence.
local function fate(victim_id)
  local state, held, filled,
    qty = unpack(redis.call('HMGET', PREFIX .. 'order:' .. victim_id, 'state', 'held_micros', 'filled_qty',
    'qty'))
  if not state then return 'is no longer on record' end
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
  local next_worth = string.gmatch(steal.worths or '', '[^;]+')
  for text in string.gmatch(steal.victims, '[^;]+') do
    say('Victim %s %s.', order_words(text, next_worth()), fate(string.match(text, '^%S+')))
  end
  local keeper, qty, held = string.match(steal.kept or '', '^(%S+) (%S+) (%d+)$')
  if keeper then
    say('Of its order %s keeps %s for %s, which the thief did not need.', keeper, qty, exact_usd(held))
  end
  say('Its PnL of %s had to beat theirs (%s).', with_expected(steal.thief_pnl, steal.thief_expected),
    better_words())
  if steal.prices then say('Prices at that instant: %s.', (string.gsub(steal.prices, ';', ', '))) end
  local trace_id = steal.traceparent and string.sub(steal.traceparent, 4, 35)
  if trace_id then say('Its trace is %s.', trace_id) end
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
    say('The broker refused the thief (%s): the room was freed in vain.', steal.outcome_reason or '')
  end
  values[#values + 1] = { 'steal',
    { { 'id', steal_id }, { 'state', steal.state }, { 'outcome', steal.outcome },
    { 'atMs', tonumber(steal.at_ms) }, { 'thiefPnl', steal.thief_pnl },
    { 'thiefExpected', steal.thief_expected }, { 'traceId', trace_id },
    { 'victims', victim_values(victims_of(steal.victims)) },
    { 'kept', keeper and { { 'order', keeper }, { 'qty', qty }, { 'heldMicros', tonumber(held) } } } } }
end

-- What this victim counted where that was not its PnL: words, or nothing.
local function faded_to(steal, victim_id)
  local next_worth = string.gmatch(steal.worths or '', '[^;]+')
  for text in string.gmatch(steal.victims or '', '[^;]+') do
    local worth, age_ms = string.match(next_worth() or '', '^(%S+) (%d+)$')
    if worth and string.match(text, '^%S+') == victim_id then
      return worth_words(worth, age_ms)
    end
  end
  return ''
end

-- The steal that took an order's room.
local function victim_story(say, order)
  local steal = hash('steal:' .. order.robbed_by)
  if not steal.at_ms then
    return say('Order %s took its room; that steal is no longer on record.', order.robbed_by)
  end
  local because = settings.policy == 'distance' and better_words()
    or string.format('PnL %s against %s%s, where %s', with_expected(steal.thief_pnl, steal.thief_expected),
      order.pnl, faded_to(steal, order.id), better_words())
  say('Order %s (%s, PnL %s) took its room at %s: %s.', order.robbed_by, steal.thief_symbol, steal.thief_pnl,
    when(steal.at_ms), because)
  say('That steal %s.', steal.state == 'pending' and 'is pending' or 'was ' .. steal.state)
  values[#values + 1] = { 'robbed', { { 'by', order.robbed_by }, { 'symbol', steal.thief_symbol },
    { 'thiefPnl', steal.thief_pnl }, { 'thiefExpected', steal.thief_expected }, { 'pnl', order.pnl },
    { 'improvement', settings.improvement },
    { 'atMs', tonumber(steal.at_ms) }, { 'state', steal.state } } }
end

-- "AAPL>MSFT#id": a steal as the history names it. false where there is no such steal.
local function explain_steal(member)
  local thief_symbol, victim_symbol, id = string.match(member, '^([^>]+)>([^#]+)#(.+)$')
  local at_ms = tonumber(redis.call('ZSCORE', PREFIX .. 'steals', member) or '')
  if not at_ms then return false end
  local steal = hash('steal:' .. id)
  local list, say = sentences()
  values[#values + 1] = { 'id', member }
  values[#values + 1] = { 'victimSymbol', victim_symbol }
  if not steal.at_ms then
    add_facts(nil, { { 'steal', nil, nil, member }, { 'at', 'atMs', at_ms, when(at_ms) } })
    say('%s took room of %s. It was brought into the history, which has no more about it.', thief_symbol,
      victim_symbol)
    add_sentences('why', 'why', list)
    return true
  end
  add_facts(nil, { { 'steal', nil, nil, member .. ', ' .. (steal.outcome or steal.state) },
    { 'thief', 'thief', id, id .. ' (' .. thief_symbol .. ', PnL ' .. steal.thief_pnl .. ')' },
    { 'needs', 'needMicros', tonumber(steal.need_micros), exact_usd(steal.need_micros) },
    { 'at', 'atMs', at_ms, when(at_ms) } })
  thief_story(say, steal, id)
  add_sentences('why', 'why', list)
  return true
end
