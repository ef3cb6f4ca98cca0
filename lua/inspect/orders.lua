-- orders: what counts against the caps, the worst first, and whether each may be taken now or which rule
-- (Made of source/ by `npm run inspect:assemble`: change it there.)
-- protects it.
--
--   redis-cli --eval lua/inspect/orders.lua ws:{demo}:account , working AAPL 100
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the table; left out: lines for people
--            STATE                  only those: pending, reserved, working, cancelling; ended: the latest
--            ended ones instead
--            SYMBOL                 only those of it
--            LIMIT                  how many are shown, 50 unless told, at most 1000
--
-- Reads only (EVAL_RO will do) and looks at no more than 5000 orders.

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

local LIMIT, LOOK = limit_of(50, 1000), 5000
local STATES = { pending = 1, reserved = 2, cancelling = 3, working = 4 }
local wanted, symbol = nil, nil
for _, word in ipairs(words) do
  local is_state = STATES[word] or word == 'ended'
  if is_state and not wanted then
    wanted = word
  elseif not is_state and not symbol and symbol_of(word) then
    symbol = symbol_of(word)
  else
    return stray(word)
  end
end

local function matches(order)
  return order.id and (not symbol or order.symbol == symbol) and (not wanted or wanted == 'ended' or order.state == wanted)
end

local found, looked, all = {}, 0, 0
local function look_at(id)
  looked = looked + 1
  local order = hash('order:' .. id)
  if matches(order) then found[#found + 1] = order end
end
if wanted == 'ended' then
  all = redis.call('ZCARD', PREFIX .. 'ended')
  for _, id in ipairs(redis.call('ZREVRANGE', PREFIX .. 'ended', 0, LOOK - 1)) do look_at(id) end
else
  all = redis.call('SCARD', PREFIX .. 'live')
  local cursor = '0'
  repeat
    local page = redis.call('SSCAN', PREFIX .. 'live', cursor, 'COUNT', 500)
    cursor = page[1]
    for _, id in ipairs(page[2]) do look_at(id) end
  until cursor == '0' or looked >= LOOK
  table.sort(found, function(a, b)
    if a.state ~= b.state then return (STATES[a.state] or 9) < (STATES[b.state] or 9) end
    if tonumber(a.pnl) ~= tonumber(b.pnl) then return tonumber(a.pnl) < tonumber(b.pnl) end
    if a.created_at_ms ~= b.created_at_ms then return tonumber(a.created_at_ms) < tonumber(b.created_at_ms) end
    return a.id < b.id
  end)
end

local rows = {}
for i = 1, math.min(LIMIT, #found) do
  local o = found[i]
  local _, _, price = price_of(o.symbol)
  local word = protection(o)
  local kind = o.kind == 'entry' and o.mode or o.kind
  rows[i] = { o.id, o.symbol, o.side, o.state, kind, o.limit, o.qty, o.filled_qty, o.pnl, tonumber(o.held_micros), price,
    price and distance(o.side, o.limit, price), wanted == 'ended' and o.reason or word, o.robbed_by, o.plan, tonumber(o.created_at_ms) }
end
local title = string.format('%sorders%s: %d of %d', wanted and wanted .. ' ' or '', symbol and ' of ' .. symbol or '', #rows, #found)
add_table('orders', title .. (looked < all and ' (' .. int(looked) .. ' of ' .. int(all) .. ' looked at)' or ''),
  { { 'ORDER', 'id' }, { 'SYMBOL', 'symbol' }, { 'SIDE', 'side' }, { 'STATE', 'state' }, { 'KIND', 'kind' }, { 'LIMIT', 'limit' },
    { 'QTY', 'qty' }, { 'FILLED', 'filledQty' }, { 'PNL', 'pnl' }, { 'HELD', 'heldMicros', usd }, { 'PRICE', 'price' },
    { 'DISTANCE', 'distance', percent }, wanted == 'ended' and { 'REASON', 'reason' } or { 'VICTIM', 'victim' }, { 'ROBBED BY', 'robbedBy' },
    { 'PLAN', 'plan' }, { 'AGE', 'createdAtMs', since } }, rows)
return answer()
