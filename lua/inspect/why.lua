-- why: why an order or a plan is where it is, told from the record: what it needed and what room there was,
-- (Made of source/ by `npm run inspect:assemble`: change it there.)
-- which orders were passed over and by which rule, who took whose room, and what would have to change.
--
--   redis-cli --eval lua/inspect/why.lua ws:{demo}:account , p17
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    ID                     of an order (`p17_1`) or of a plan (`p17`)
-- ARGV[..]   json | view            the values as JSON, or the cells of the tables; left out: lines for
--                                   people
--
-- Reads only (EVAL_RO will do) and looks at a few keys. A refusal is on record for an hour after the last, an
-- ended order for the history's age.

-- the account, its clocks, the words after the key
local PREFIX = string.match(KEYS[1] or '', '^(ws:{[%w_%-]+}:)account$')
if not PREFIX then return redis.error_reply('USAGE redis-cli --eval lua/inspect/SCRIPT.lua ws:{ACCOUNT}:account') end

local function hash(name)
  local flat, map = redis.call('HGETALL', PREFIX .. name), {}
  for i = 1, #flat, 2 do map[flat[i]] = flat[i + 1] end
  return map
end

local account, settings = hash('account'), hash('settings')
local account_name = string.sub(PREFIX, 5, -3)
if not account.state then return redis.error_reply('UNKNOWN there is no account "' .. account_name .. '" in this Redis') end

-- health_ms: leases and quotes; now_ms: the rules (lua/include/clock.lua)
local time = redis.call('TIME')
local health_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local now_ms = health_ms
if account.clock_mode == 'manual' then
  now_ms, health_ms = tonumber(account.clock_base_ms), tonumber(account.clock_health_ms)
elseif account.clock_mode == 'scaled' then
  now_ms = tonumber(account.clock_base_ms) + math.floor((health_ms - tonumber(account.clock_health_ms)) * tonumber(account.clock_scale))
end

local function micros(field) return tonumber(account[field] or 0) end
local function room(pool) return micros('cap_micros:' .. pool) - micros('positions_micros:' .. pool) - micros('orders_micros:' .. pool) end

-- nanos, health_ms, text; nothing where there is no price or it is too old to be one
local function price_of(symbol)
  local text, nanos, at = string.match(redis.call('HGET', PREFIX .. 'quotes', symbol) or '', '^(%S+) (%d+) (%d+)$')
  if not nanos or tonumber(nanos) == 0 or health_ms - tonumber(at) > tonumber(settings.quote_max_age_ms) or tonumber(at) - health_ms > 2000 then
    return nil
  end
  return tonumber(nanos), tonumber(at), text
end

local format, words = 'text', {}
for _, word in ipairs(ARGV) do
  if word == 'json' or word == 'view' then format = word else words[#words + 1] = word end
end

-- The last word that is a number is the limit.
local function limit_of(default, most)
  for i = #words, 1, -1 do
    if string.find(words[i], '^%d+$') then return math.max(1, math.min(most, tonumber(table.remove(words, i)))) end
  end
  return default
end

-- how values are shown to people; '' and nil are shown as -
local function int(value) return string.format('%.0f', value) end
local function clean(text) return (string.gsub(tostring(text), '[^\32-\126]', '?')) end

-- A word that means nothing to a script is most likely a slip: it is told, and not passed over.
local function stray(word)
  return redis.error_reply('USAGE "' .. clean(string.sub(word, 1, 40)) .. '" means nothing here; the script begins with the words that it takes')
end
-- In the ledger's spelling; nil where it can be none.
local function symbol_of(word)
  local symbol = string.upper((string.gsub(word, '/', '', 1)))
  return #symbol <= 20 and string.match(symbol, '^[A-Z0-9][A-Z0-9.]*$')
end

-- ms since 1970 -> 2025-01-15T15:00:00Z
local function iso(ms)
  local seconds = math.floor(ms / 1000)
  local days = math.floor(seconds / 86400)
  local z = days + 719468
  local era = math.floor(z / 146097)
  local doe = z - era * 146097
  local yoe = math.floor((doe - math.floor(doe / 1460) + math.floor(doe / 36524) - math.floor(doe / 146096)) / 365)
  local doy = doe - (365 * yoe + math.floor(yoe / 4) - math.floor(yoe / 100))
  local mp = math.floor((5 * doy + 2) / 153)
  local month = mp < 10 and mp + 3 or mp - 9
  local rest = seconds - days * 86400
  return string.format('%04d-%02d-%02dT%02d:%02d:%02dZ', yoe + era * 400 + (month <= 2 and 1 or 0), month,
    doy - math.floor((153 * mp + 2) / 5) + 1, math.floor(rest / 3600), math.floor(rest % 3600 / 60), rest % 60)
end

local function duration(ms)
  local s = math.floor(math.max(0, ms) / 1000)
  if s < 1 then return int(math.max(0, ms)) .. ' ms' end
  if s < 120 then return int(s) .. ' s' end
  if s < 7200 and s % 60 == 0 then return int(s / 60) .. ' min' end
  if s < 7200 then return string.format('%d min %02d s', math.floor(s / 60), s % 60) end
  if s < 172800 then return string.format('%d h %02d min', math.floor(s / 3600), math.floor(s % 3600 / 60)) end
  return string.format('%d d %02d h', math.floor(s / 86400), math.floor(s % 86400 / 3600))
end
local function since(ms) return duration(now_ms - ms) end
local function until_then(ms) return duration(ms - now_ms) end

-- micro-USD -> $1,234.50; exact_usd shows more than cents where there is more
local function exact_usd(value)
  local n = math.abs(tonumber(value))
  local dollars = math.floor(n / 1e6)
  local text = string.reverse(int(dollars))
  text = string.gsub(string.reverse((string.gsub(text, '(%d%d%d)', '%1,'))), '^,', '')
  local rest = string.gsub(string.format('%06d', n - dollars * 1e6), '0?0?0?0$', '')
  return (tonumber(value) < 0 and '-$' or '$') .. text .. '.' .. rest
end
local function usd(value)
  local cents = math.floor(math.abs(tonumber(value)) / 1e4 + 0.5)
  return exact_usd((tonumber(value) < 0 and -1 or 1) * cents * 1e4)
end
local function percent(share) return string.format('%.2f %%', share * 100) end

-- How far a price is from the limit, as a share of it; never below 0.
local function distance(side, limit, price)
  local away = side == 'sell' and tonumber(limit) - tonumber(price) or tonumber(price) - tonumber(limit)
  return math.max(0, away / tonumber(limit))
end

-- one document, said in three ways: text (lines for redis-cli), json (the values), view (cells for a
-- terminal)
local RIGHT = { [int] = true, [usd] = true, [percent] = true }
local sections, values = {}, {}

local function shown(value, show)
  if value == nil or value == '' then return '-' end
  return clean(show and show(value) or value)
end

-- columns: {HEAD, key, show}; rows: lists of values. JSON has them by key (without a key: not), text and view
-- as shown.
local function add_table(key, title, columns, rows)
  local head, align, cells, objects = {}, '', {}, {}
  for at, column in ipairs(columns) do
    head[at] = column[1]
    align = align .. (RIGHT[column[3]] and 'r' or 'l')
  end
  for i, row in ipairs(rows) do
    cells[i], objects[i] = {}, {}
    for at, column in ipairs(columns) do
      cells[i][at] = shown(row[at], column[3])
      if column[2] then objects[i][#objects[i] + 1] = { column[2], row[at] } end
    end
  end
  if #rows == 0 then head, cells = {}, { { '(none)' } } end
  sections[#sections + 1] = { title = title, head = head, align = align, rows = cells }
  if key then values[#values + 1] = { key, { list = objects } } end
end

-- facts: {label, key, value, text}: value for JSON, text for people. A fact without a key is for people
-- alone.
local function add_facts(title, facts)
  local cells = {}
  for _, fact in ipairs(facts) do
    cells[#cells + 1] = { fact[1], shown(fact[4] or fact[3]) }
    if fact[2] then values[#values + 1] = { fact[2], fact[3] } end
  end
  sections[#sections + 1] = { title = title, head = {}, align = 'll', rows = cells }
end

local function add_sentences(key, title, list)
  local cells, texts = {}, {}
  for i, sentence in ipairs(list) do cells[i], texts[i] = { clean(sentence) }, clean(sentence) end
  if #list > 0 then sections[#sections + 1] = { title = title, head = {}, align = 'l', rows = cells } end
  values[#values + 1] = { key, { list = texts } }
end

local encode
local function encode_object(pairs_)
  local parts = {}
  for i, pair in ipairs(pairs_) do parts[i] = cjson.encode(pair[1]) .. ':' .. encode(pair[2]) end
  return '{' .. table.concat(parts, ',') .. '}'
end
encode = function(value)
  if value == nil or value == '' then return 'null' end
  if type(value) == 'number' then return string.format(value == math.floor(value) and '%.0f' or '%.9g', value) end
  if type(value) ~= 'table' then return cjson.encode(value) end
  if not value.list then return encode_object(value) end
  local parts = {}
  for i, one in ipairs(value.list) do parts[i] = encode(one) end
  return '[' .. table.concat(parts, ',') .. ']'
end

local function aligned(section)
  local lines, widths, all = {}, {}, {}
  if #section.head > 0 then all[1] = section.head end
  for _, row in ipairs(section.rows) do all[#all + 1] = row end
  for _, row in ipairs(all) do
    for at, cell in ipairs(row) do widths[at] = math.max(widths[at] or 0, #cell) end
  end
  for i, row in ipairs(all) do
    local line = {}
    for at, cell in ipairs(row) do
      local fill = string.rep(' ', widths[at] - #cell)
      line[at] = string.sub(section.align, at, at) == 'r' and fill .. cell or cell .. fill
    end
    lines[i] = (string.gsub(table.concat(line, '  '), '%s+$', ''))
  end
  return lines
end

local function answer()
  if format == 'json' then return encode_object(values) end
  if format == 'view' then
    local list = {}
    for i, s in ipairs(sections) do
      local rows = {}
      for r, row in ipairs(s.rows) do rows[r] = { list = row } end
      list[i] = { { 'title', s.title }, { 'head', { list = s.head } }, { 'align', s.align }, { 'rows', { list = rows } } }
    end
    return encode({ list = list })
  end
  local lines = {}
  for i, section in ipairs(sections) do
    if i > 1 then lines[#lines + 1] = { ok = '' } end
    if section.title then lines[#lines + 1] = { ok = section.title } end
    for _, line in ipairs(aligned(section)) do lines[#lines + 1] = { ok = line } end
  end
  return lines
end

-- may this order be taken now, by a thief that beats it? Else which rule protects it (docs/rules.md, 5)
local FINAL = { filled = true, cancelled = true, rejected = true, expired = true }

-- order: its hash. Returns a word, and the same as the end of a sentence.
local function protection(order)
  if FINAL[order.state] then return 'ended', 'it has ended' end
  if order.state == 'cancelling' then return 'cancelling', 'it is being cancelled already' end
  if order.state ~= 'working' then return 'reservation', 'it does not work at the broker yet (rule 1)' end
  if order.kind ~= 'entry' then return order.kind, 'only entries can be victims, it is ' .. order.kind .. ' (rule 1)' end
  if order.mode ~= 'normal' then return 'probe', 'a probe is never a victim (rule 1)' end
  if redis.call('SISMEMBER', PREFIX .. 'vip', order.symbol) == 1 then return 'vip', order.symbol .. ' is a VIP symbol (rule 1)' end
  local price, _, text = price_of(order.symbol)
  if not price then return 'no price', order.symbol .. ' has no fresh price (rule 2)' end
  local edge = tonumber(order.edge_nanos) or 0
  if (order.side == 'buy' and price <= edge) or (order.side == 'sell' and price >= edge) then
    local away, within = percent(distance(order.side, order.limit, text)), percent(tonumber(settings.protection))
    return 'near', string.format('at %s it is %s from its limit, within the protection of %s (rule 2)', text, away, within)
  end
  local cooling = tonumber(redis.call('ZSCORE', PREFIX .. 'cooldowns', order.symbol) or 0)
  if cooling > now_ms then
    return 'cooldown', order.symbol .. ' was stolen from; its cooldown ends in ' .. until_then(cooling) .. ' (rule 3)'
  end
  local fighting = tonumber(redis.call('ZSCORE', PREFIX .. 'fighting', order.symbol) or 0)
  if fighting > now_ms then return 'fight', order.symbol .. ' is in a fight, for another ' .. until_then(fighting) .. ' (rule 4)' end
  return 'takeable', ''
end

-- prices that were doubted and are not confirmed (lua/include/jumps.lua)

-- text, health_ms; nothing where none was doubted since the last price was believed
local function doubt_of(symbol)
  local text, at = string.match(redis.call('HGET', PREFIX .. 'jumps', symbol) or '', '^(%S+) %d+ (%d+)$')
  if not text then return nil end
  local nanos, last_ms = string.match(redis.call('HGET', PREFIX .. 'quotes', symbol) or '', ' (%d+) (%d+)$')
  if nanos == '0' then last_ms = string.match(redis.call('HGET', PREFIX .. 'lost_prices', symbol) or '', '(%d+)$') end
  if not last_ms or tonumber(at) < tonumber(last_ms) then return nil end
  return text, tonumber(at)
end

local id = words[1]
if not id then return redis.error_reply('USAGE redis-cli --eval lua/inspect/why.lua ws:{ACCOUNT}:account , ORDER_OR_PLAN') end
if #id > 64 or string.find(id, '[^%w_%-]') or words[2] then return stray(words[2] or id) end

-- Three decimals of a percent: a gate of 0.3 % has to be told from 0.301 %.
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

-- Why a watcher that is there takes the symbol's quotes for no price (host-note); nothing where none says so.
local function unpriced_words(symbol)
  for _, host in ipairs(redis.call('ZRANGEBYSCORE', PREFIX .. 'hosts', int(health_ms - 15000), '+inf', 'LIMIT', 0, 256)) do
    local text = ';' .. (redis.call('HGET', PREFIX .. 'host:' .. host, 'unpriced') or '') .. ';'
    local from = string.find(text, ';' .. symbol .. ' ', 1, true)
    if from then return string.match(text, '^[^;]*', from + #symbol + 2), host end
  end
  return nil
end

-- What an order's limit and the price are to each other now.
local function nearness(wish)
  local _, at, price = price_of(wish.symbol)
  local doubted, doubted_ms = doubt_of(wish.symbol)
  local doubt = ''
  if doubted then
    doubt = string.format(' A price of %s was doubted %s ago: it is more than %s from the last one, and no later price has confirmed it.',
      doubted, duration(math.max(0, health_ms - doubted_ms)), percent(tonumber(settings.quote_max_jump or 0)))
  end
  if not price then
    local words, host = unpriced_words(wish.symbol)
    return wish.symbol .. ' has no price younger than ' .. duration(tonumber(settings.quote_max_age_ms)) .. ' now'
      .. (words and ': ' .. words .. ' (says ' .. host .. ').' or '.') .. doubt
  end
  return 'Now ' .. wish.symbol .. ' is at ' .. price .. ', ' .. fine(distance(wish.side, wish.limit, price)) .. ' from the limit '
    .. wish.limit .. ' (the steal gate is ' .. fine(tonumber(settings.gate)) .. ').' .. doubt
end

local function room_words(pool, total_micros, pool_micros)
  local text = exact_usd(total_micros) .. ' in total'
  if pool and pool ~= '' then text = text .. ' and ' .. exact_usd(pool_micros or room(pool)) .. ' in ' .. pool end
  return text
end

-- A list of sentences and what adds one, by a format.
local function sentences()
  local list = {}
  return list, function(form, ...) list[#list + 1] = string.format(form, ...) end
end

-- 2025-01-15T15:00:00Z, 3 s ago
local function when(ms) return iso(tonumber(ms)) .. ', ' .. since(tonumber(ms)) .. ' ago' end

-- What became of a victim: the rest of a sentence.
local function fate(victim_id)
  local state, held, filled, qty = unpack(redis.call('HMGET', PREFIX .. 'order:' .. victim_id, 'state', 'held_micros', 'filled_qty', 'qty'))
  if not state then return 'is not on record any more' end
  if state == 'cancelling' then return 'is still being cancelled: its ' .. exact_usd(held) .. ' count until the broker confirms it' end
  if state == 'filled' then return 'was filled meanwhile, so it freed nothing' end
  local part = filled ~= '0' and string.format(', %s of %s filled', filled, qty) or ''
  return 'ended ' .. state .. part .. ': its room was freed'
end

-- The steal that an order is the thief of: from whom, and how far it is.
local function thief_story(say, steal, steal_id)
  local own = tonumber(steal.lack_pool_micros) > 0 and ' and ' .. exact_usd(steal.lack_pool_micros) .. ' in its pool' or ''
  local need, lack = exact_usd(steal.need_micros), exact_usd(steal.lack_micros)
  say('It took room at %s: it needed %s and lacked %s in total%s.', when(steal.at_ms), need, lack, own)
  for text in string.gmatch(steal.victims, '[^;]+') do say('Victim %s %s.', order_words(text), fate(string.match(text, '^%S+'))) end
  say('Its PnL of %s had to beat theirs (%s).', steal.thief_pnl, better_words())
  if steal.prices then say('Prices at that instant: %s.', (string.gsub(steal.prices, ';', ', '))) end
  if steal.state == 'pending' then
    say('The steal waits for %s.', plural(steal.left, 'victim', 'victims'))
  else
    local later = duration(tonumber(steal.ended_at_ms) - tonumber(steal.at_ms))
    say('The steal was %s %s later%s.', steal.state, later, steal.reason and ': ' .. steal.reason or '')
  end
  if steal.outcome == 'unused' then say('The thief did not use the room (%s).', steal.outcome_reason or '') end
  if steal.outcome == 'refused' then say('The broker refused the thief (%s): the room was taken for nothing.', steal.outcome_reason or '') end
  values[#values + 1] = { 'steal', { { 'id', steal_id }, { 'state', steal.state }, { 'outcome', steal.outcome },
    { 'atMs', tonumber(steal.at_ms) }, { 'thiefPnl', steal.thief_pnl }, { 'victims', steal.victims } } }
end

-- The steal that took an order's room.
local function victim_story(say, order)
  local steal = hash('steal:' .. order.robbed_by)
  if not steal.at_ms then return say('Order %s took its room; that steal is not on record any more.', order.robbed_by) end
  local because = settings.policy == 'distance' and better_words()
    or string.format('PnL %s against %s, where %s', steal.thief_pnl, order.pnl, better_words())
  say('Order %s (%s, PnL %s) took its room at %s: %s.', order.robbed_by, steal.thief_symbol, steal.thief_pnl, when(steal.at_ms), because)
  say('That steal %s.', steal.state == 'pending' and 'is pending' or 'was ' .. steal.state)
  values[#values + 1] = { 'robbed', { { 'by', order.robbed_by }, { 'symbol', steal.thief_symbol }, { 'thiefPnl', steal.thief_pnl },
    { 'pnl', order.pnl }, { 'improvement', settings.improvement }, { 'atMs', tonumber(steal.at_ms) }, { 'state', steal.state } } }
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
      return say('Its room is reserved, %s; unless it is sent or renewed that ends in %s.', held, duration(lease - health_ms))
    end
    local ago = duration(health_ms - sent)
    say('It was sent to the broker %s ago, which has not confirmed it: its %s count until the broker tells.', ago, held)
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
    say('It is being cancelled, asked %s ago; its %s count until the broker confirms it.', ago, exact_usd(order.held_micros))
    if (order.robbed_by or '') == '' then say('Its own watcher asked: %s.', order.cancel_reason or '') end
  end,
}

local function end_story(say, order)
  if order.reason == 'by_hand' then say('It was cancelled at the broker, and nobody here asked for that: by hand, or by the broker. It is not placed again at once.') end
  say('It ended %s at %s (%s); %s of %s was filled.', order.state, when(order.ended_at_ms), order.reason or '', order.filled_qty, order.qty)
end

-- A person changed it at the broker (amend).
local function change_story(say, order)
  say('It was changed at the broker %s ago: %s at %s, as %s.', duration(health_ms - tonumber(order.amended_ms)), order.qty, order.limit,
    order.broker_id)
  if (order.next_broker_id or '') ~= '' then
    say('There %s at %s waits to take its place; the larger of both counts.', order.next_qty, order.next_limit)
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

local CLASSES = {
  { 'exempt', 'rule 1', 'orders', 'reservations, orders being cancelled, exits, probes, VIP symbols, orders from outside' },
  { 'near', 'rule 2', 'orders', 'within the protection of their limit, or without a price' },
  { 'no_quote', 'rule 2', 'symbols', 'no fresh price' },
  { 'cooling', 'rule 3', 'orders', 'their symbol was stolen from within the cooldown' },
  { 'fighting', 'rule 4', 'orders', 'their symbol is in a fight' },
  { 'no_cash', 'cash', 'symbols', 'bought on margin: they free no cash, which is all that it lacks' },
  { 'own', 'rule 5', 'symbols', "the thief's own symbol" },
  { 'stole_from_us', 'rule 5', 'symbols', 'stole from this symbol within the cooldown: no stealing back' },
  { 'would_fight', 'rule 6', 'symbols', 'one more steal between the two would be a fight' },
}

-- What was passed over, as it was counted at the refusal.
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

-- Protected symbols whose orders would be candidates when their time is over, soonest first.
local function soon(key, what, need)
  local flat = redis.call('ZRANGEBYSCORE', PREFIX .. key, '(' .. int(now_ms), '+inf', 'WITHSCORES', 'LIMIT', 0, 16)
  local told = 0
  for i = 1, #flat, 2 do
    local orders = redis.call('ZCARD', PREFIX .. 'far:total:' .. flat[i])
    if orders > 0 and told < 3 then
      told = told + 1
      local left = until_then(tonumber(flat[i + 1]))
      need("%s's %s ends in %s (%s far from the limit)", flat[i], what, left, plural(orders, 'order', 'orders'))
    end
  end
end

-- What each refusal says, and what would have to change.
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
      say("Order %s%s is on %s's other side: the broker takes no order against an open one, and nets what is held.", r.by, plan, r.symbol)
      need('%s ends, and what that side holds is closed', r.by)
      return
    end
    local held = string.gsub(r.held_qty, '^%-', '')
    say('The account holds %s of %s %s%s, and the broker nets positions: this order would close it.', held, r.symbol,
      held == r.held_qty and 'long' or 'short', plan)
    need('that position is closed')
  end,
  no_position = function(r, say, need)
    say('It was to close %s of %s; %s is held, and other exits close %s of that.', r.asked_qty, r.symbol, r.held_qty, r.exits_qty)
    need('a position to close: its watcher asks the broker, and closes what is there')
  end,
  unconfirmed = function(r, say, need)
    say('It was to close a position of %s that nobody had confirmed lately, so the broker had to be asked first.', r.symbol)
    need("the broker's answer: its watcher asks for it")
  end,
  untakeable = function(r, say, need)
    say('The broker would not take it (%s): %s.', r.why, r.words)
    need('the broker takes such an order: it is asked again every half minute')
  end,
  disabled = function(r, say, need)
    if r.why == 'pools_differ' then
      say('Its host may not enter it: the host puts symbols into other pools than the account has, or the plan names a pool that the account lacks%s.',
        r.pool ~= '' and ' (' .. r.pool .. ')' or '')
      need('its host is restarted with the WORK_STEALING_POOLS and CRYPTO_SYMBOLS of the active keeper: compare worksteal config')
      return
    end
    if r.why == 'settings_differ' then
      say('It did not fit, and its host may not steal: it plays by settings %s, the account by %s.', r.host_settings, r.account_settings)
      need('the settings agree: compare worksteal config at the host and at the active keeper')
      return
    end
    say('It did not fit, and stealing is switched off.')
    need('WORK_STEALING_ENABLED is 1')
  end,
  no_price = function(r, say, need)
    local last = (r.quote_age_ms or '') == '' and 'there was none' or 'the last was ' .. duration(tonumber(r.quote_age_ms)) .. ' old'
    if r.doubted_price then
      say('A sale that opens a short position fills at the market, and a price of %s, above the last, was in doubt: it may be true.', r.doubted_price)
      need('a later price of %s that confirms it, or one near the last', r.symbol)
      return
    end
    if r.kind == 'entry' and r.side == 'sell' then
      say('A sale that opens a short position fills at the market, so without a fresh price nobody knows what it may cost (%s).', last)
      need('a price of %s younger than %s', r.symbol, duration(tonumber(settings.quote_max_age_ms)))
      return
    end
    say('It did not fit, and without a fresh price nobody knows how near its limit it was (%s).', last)
    need('a price of %s younger than %s', r.symbol, duration(tonumber(settings.quote_max_age_ms)))
  end,
  not_close_enough = function(r, say, need)
    local away, gate = fine(tonumber(r.distance)), fine(tonumber(settings.gate))
    say('It did not fit and was too far from its limit to steal: %s was at %s, %s from %s.', r.symbol, r.price, away, r.limit)
    need('the price within %s of the limit: at or %s %s', gate, r.side == 'buy' and 'below' or 'above', r.gate_price)
  end,
  barred = function(r, say, need)
    local because = r.cause == 'unused' and 'it did not use the room that victims were cancelled for' or 'the broker refused its order'
    say('It did not fit, and may not steal until %s: %s (%s), for the %s time in a row.', iso(tonumber(r.until_ms)), because, r.bar_reason,
      r.barred_times == '1' and 'first' or r.barred_times .. '.')
    local left = tonumber(r.until_ms) - now_ms
    need(left > 0 and 'its bar ends, in %s' or 'it tries again: its bar has ended', duration(math.max(0, left)))
    need('an order of it works at the broker')
  end,
  no_candidates = function(_, say) say('It did not fit, and no order could be a victim.') end,
  fighting = function(r, say)
    say('It did not fit, and with every order that could be a victim a steal would have been a fight: %s.', listed(r.would_fight))
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
    say('It did not fit, and it would have taken %s victims; one steal may have %s.', r.victims_needed, settings.max_victims)
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
    if r.reason ~= 'pnl_not_better' then need('an order moves further than %s from its limit', fine(tonumber(settings.protection))) end
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
  say('Refused %s since %s, last %s ago as %s: %s.', times, iso(tonumber(r.first_at_ms)), since(tonumber(r.at_ms)), r.order, r.reason)
  say('It needed %s; there was room for %s.', exact_usd(r.need_micros), room_words(r.pool, r.room_micros, r.pool_room_micros))
  if r.cash_room_micros then say('Crypto is bought with cash alone: there was %s of it.', exact_usd(r.cash_room_micros)) end
  REASONS[r.reason](r, say, need)
  say('%s', nearness(r))
  local lack, lack_own = 0, 0
  if r.kind ~= 'exit' then
    lack = tonumber(r.need_micros) - room('total')
    if r.pool ~= '' then lack_own = tonumber(r.need_micros) - room(r.pool) end
    say('Now there is room for %s%s.', room_words(r.pool, room('total')), lack <= 0 and lack_own <= 0 and ': it would fit' or '')
  end
  common_needs(r, need, lack, lack_own)
  local lack_cash = r.cash_room_micros and tonumber(r.need_micros) - tonumber(r.cash_room_micros) or 0
  if lack_cash > 0 then need('%s more cash at the broker, or orders of crypto that end', exact_usd(lack_cash)) end
  add_sentences('refused', 'refused', told)
  values[#values + 1] = { 'refusal', { { 'reason', r.reason }, { 'order', r.order }, { 'times', tonumber(r.times) },
    { 'firstAtMs', tonumber(r.first_at_ms) }, { 'atMs', tonumber(r.at_ms) }, { 'needMicros', tonumber(r.need_micros) },
    { 'roomMicros', tonumber(r.room_micros) }, { 'poolRoomMicros', tonumber(r.pool_room_micros or '') }, { 'price', r.price },
    { 'gatePrice', r.gate_price }, { 'barPnl', r.bar_pnl }, { 'needsPnl', r.needs_pnl }, { 'worst', r.worst },
    { 'wouldFight', r.would_fight } } }
  if r.passed_over then
    add_table('passedOver', 'passed over',
      { { 'RULE', 'rule' }, { 'CLASS', 'class' }, { 'COUNT', 'count', int }, { 'OF', 'of' }, { 'WHY', 'why' } }, class_rows(r))
  end
  add_sentences('wouldChange', 'any of these would change it', needed)
end

local function wish_words(wish) return wish.side .. ' ' .. wish.qty .. ' ' .. wish.symbol .. ' at ' .. wish.limit end

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

-- Until when it begins nothing, and why: the broker's refusals, or too many attempts (lua/include/paces.lua).
local function pause_story(say, plan)
  local is_held = plan.stage == 'holding' or plan.stage == 'exiting'
  local paused_ms = (plan.paused_for or '') ~= '' and (tonumber(plan.paused_until_ms) or 0) - health_ms or 0
  local wait_ms = (tonumber(is_held and plan.exit_due_ms or plan.entry_due_ms) or 0) - health_ms
  if paused_ms > 0 then
    say('It tries again in %s: the broker refused its last order (%s), %s in a row.', duration(paused_ms), plan.paused_for,
      plural(plan.refused, 'time', 'times'))
  end
  if wait_ms > 0 then
    say('Its next attempt may begin in %s: it began more than ten within a minute.', duration(wait_ms))
  end
  if math.max(paused_ms, wait_ms) > 0 then values[#values + 1] = { 'pausedMs', math.max(paused_ms, wait_ms) } end
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
    if tonumber(plan.starts_at_ms) > now_ms then say('It starts in %s.', until_then(tonumber(plan.starts_at_ms))) end
    if tonumber(plan.expires_at_ms) > 0 then say('Its entry expires in %s.', until_then(tonumber(plan.expires_at_ms))) end
    if plan.stage == 'waiting' and not refused then say('%s', nearness(plan)) end
    pause_story(say, plan)
    if (plan.withdraw_asked or '') ~= '' then say('Its planner asked for its end: %s.', plan.withdraw_asked) end
  end
  add_sentences('why', 'why', list)
end

-- A plan's last order: its exit if it got that far, else its entry, if that was admitted.
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
  if order.id then add_sentences('order', 'its order ' .. order.id .. ', ' .. order.state, order_story(order)) end
elseif order.id then
  order_facts(order)
elseif refusal.reason then
  add_facts(nil, { { 'refused', 'id', id }, { 'wish', nil, nil, wish_words(refusal) }, { 'PnL', 'pnl', refusal.pnl },
    { 'plan', 'plan', refusal.plan } })
else
  return redis.error_reply(string.format('UNKNOWN there is no order, plan or refusal "%s" on record; refusals are kept for an hour, '
    .. 'ended orders for %s', clean(id), duration(tonumber(settings.history_ttl_ms))))
end

-- A refusal explains what has no order, and what was tried again after its order had ended.
if refusal.reason and (not order.id or (FINAL[order.state] and tonumber(refusal.at_ms) >= tonumber(order.ended_at_ms))) then
  refusal_story(refusal)
elseif refusal.reason then
  local list, say = sentences()
  say('Refused %s before, last %s ago: %s.', plural(refusal.times, 'time', 'times'), since(tonumber(refusal.at_ms)), refusal.reason)
  add_sentences('earlier', 'before', list)
end
if settings.dry_run == '1' then add_sentences('dryRun', 'dry run', { 'Steals are only reported in this account, never carried out.' }) end
return answer()
