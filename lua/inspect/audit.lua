-- audit: recomputes from the orders and positions alone what the ledger keeps as sums and indexes, and tells
-- (Made of source/ by `npm run inspect:assemble`: change it there.)
-- what differs (I2). The checks and their sentences are those of lua/audit.lua, which is for programs; a test
-- holds the two together.
--
--   redis-cli --eval lua/inspect/audit.lua ws:{demo}:account
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the tables; left out: lines for
--                                   people
--            LIMIT                  refuse when more orders than this are live, 20000 unless told: it looks
--            at every one of
--                                   them, some 20 us each, and nothing else runs meanwhile
--
-- Reads only (EVAL_RO will do).

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

-- [copied: lua/include/decimal.lua]
local MAX_INTEGER = 9007199254740991

-- "100.25" -> sign (1 or -1), whole, nanos of the fraction; nil unless it has at most 9 decimals
local function split_decimal(text)
  local sign, whole, fraction = string.match(text, '^(%-?)(%d+)%.?(%d*)$')
  if not whole or #whole > 15 or #fraction > 9 or string.sub(text, -1) == '.' then return nil end
  return sign == '-' and -1 or 1, tonumber(whole), tonumber(string.sub(fraction .. '000000000', 1, 9))
end

-- "100.25" -> 100250000000; nil when it is no decimal of at most 9 decimals or reaches 2^53
local function to_nanos(text)
  local sign, whole, rest = split_decimal(text)
  if not sign or whole > 9007198 then return nil end
  return sign * (whole * 1e9 + rest)
end

-- floor(a x b / 1e9) and whether something was left over; a < 2^53, b <= 1e12. nil when the result reaches
-- 2^53.
local function scale_nanos(a, b)
  local high = math.floor(a / 1e9)
  local low = a - high * 1e9
  if high * b > MAX_INTEGER then return nil end
  local b_high = math.floor(b / 1e6)
  local b_low = b - b_high * 1e6
  local x = low * b_high                          -- counts 1e6
  local quotient = math.floor(x / 1e3)
  local y = (x - quotient * 1e3) * 1e6 + low * b_low
  local carry = math.floor(y / 1e9)
  local result = high * b + quotient + carry
  if result > MAX_INTEGER then return nil end
  return result, y - carry * 1e9 > 0
end

-- price (nanos) x quantity (whole, nanos) -> micro-USD rounded up; nil when it reaches 2^53 (docs/rules.md, 1.2: a
-- notional is rounded up)
local function notional(price, whole, rest)
  local dollars = math.floor(price / 1e9)
  local cents = price - dollars * 1e9              -- nanos below the dollar
  local whole_high = math.floor(whole / 1e6)
  local whole_low = whole - whole_high * 1e6
  if dollars * whole > 9007199254 or cents * whole_high * 1e3 > MAX_INTEGER then return nil end
  local a = dollars * rest                         -- nano-dollars
  local b = cents * whole_low                      -- nano-dollars
  local a_micros, b_micros = math.floor(a / 1e3), math.floor(b / 1e3)
  local nano_left = (a - a_micros * 1e3) + (b - b_micros * 1e3)
  local rest_high = math.floor(rest / 1e5)
  local x = cents * rest_high                      -- 1e-13 dollars
  local x_micros = math.floor(x / 1e7)
  -- 1e-18 dollars
  local tail = (x - x_micros * 1e7) * 1e5 + cents * (rest - rest_high * 1e5) + nano_left * 1e9
  local micros = dollars * whole * 1e6 + cents * whole_high * 1e3 + a_micros + b_micros + x_micros + math.ceil(tail / 1e12)
  if micros > MAX_INTEGER then return nil end
  return micros
end

-- Quantities as (whole, nanos): a - b (a >= b), a + b, comparison (-1, 0, 1), text.
local function quantity_minus(a_whole, a_rest, b_whole, b_rest)
  local whole, rest = a_whole - b_whole, a_rest - b_rest
  if rest < 0 then whole, rest = whole - 1, rest + 1e9 end
  return whole, rest
end
-- [end]

local FINAL = { filled = true, cancelled = true, rejected = true, expired = true }
local LIMIT = limit_of(20000, 1000000)
if words[1] then return stray(words[1]) end
local live_count = redis.call('SCARD', PREFIX .. 'live')
if live_count > LIMIT then
  return redis.error_reply('USAGE ' .. int(live_count) .. ' orders are live, which would take long: give a limit above that to audit them')
end

local faults, count = {}, 0
local function fault(text)
  count = count + 1
  if #faults < 50 then faults[#faults + 1] = text end
end

local sums, sides, tracked, far, symbols = { orders = {}, positions = {} }, 0, 0, 0, {}
local function plus(map, pool, amount)
  if pool ~= '' then map[pool] = (map[pool] or 0) + amount end
end

local function withdrawn(symbol)
  local cooling = redis.call('ZSCORE', PREFIX .. 'cooldowns', symbol)
  local fighting = redis.call('ZSCORE', PREFIX .. 'fighting', symbol)
  return (cooling and tonumber(cooling) > now_ms) or (fighting and tonumber(fighting) > now_ms)
    or redis.call('SISMEMBER', PREFIX .. 'stale', symbol) == 1
end

-- Its cooldown or fight has ended, and no command came since that takes notice.
local function comes_back(symbol)
  for _, key in ipairs({ 'cooldowns', 'fighting' }) do
    local until_ms = redis.call('ZSCORE', PREFIX .. key, symbol)
    if until_ms and tonumber(until_ms) <= now_ms then return true end
  end
  return false
end

local function check_holding(id, order)
  local _, qty_whole, qty_nanos = split_decimal(order.qty)
  local _, had_whole, had_nanos = split_decimal(order.filled_qty)
  local left = notional(to_nanos(order.limit), quantity_minus(qty_whole, qty_nanos, had_whole, had_nanos))
  if order.held_micros ~= left then fault(id .. ' counts ' .. int(order.held_micros) .. ', has ' .. int(left) .. ' unfilled') end
  if order.pool ~= '' and order.held_pool_micros ~= left then fault(id .. ' counts wrong in ' .. order.pool) end
end

local function check_leases(id, order)
  local leased = redis.call('ZSCORE', PREFIX .. 'leases', id)
  if order.state == 'pending' and not leased then fault(id .. ' is pending without a lease') end
  local sent = (tonumber(order.sent_at_ms) or 0) > 0
  if order.state == 'reserved' and not leased and not sent then fault(id .. ' is reserved without a lease') end
  if leased and order.state ~= 'pending' and order.state ~= 'reserved' then fault(id .. ' has a lease and is ' .. order.state) end
end

local function check_outbox(id, order)
  if order.state ~= 'cancelling' or (order.robbed_by or '') == '' then return end
  local outbox = redis.call('HGET', PREFIX .. 'steal:' .. order.robbed_by, 'outbox')
  local on_record = outbox and #redis.call('XRANGE', PREFIX .. 'outbox', outbox, outbox) > 0
  if not on_record then fault(id .. ' is being cancelled and not on record (I9)') end
end

local function check_index(id, order)
  local edge = redis.call('ZSCORE', PREFIX .. 'edges:' .. order.symbol .. ':' .. order.side, id)
  local vip = redis.call('SISMEMBER', PREFIX .. 'vip', order.symbol) == 1
  local may = order.state == 'working' and order.kind == 'entry' and order.mode == 'normal' and not vip
  if may ~= (edge ~= false) then fault(id .. (may and ' is missing in edges' or ' should not be in edges')) end
  if not edge then return end
  tracked, symbols[order.symbol] = tracked + 1, true
  local limit = to_nanos(order.limit)
  local width = scale_nanos(limit, tonumber(settings.protection_nanos))
  if tonumber(edge) ~= (order.side == 'buy' and limit + width or limit - width) then fault(id .. ' has a wrong edge') end
  local price = tonumber(string.match(redis.call('HGET', PREFIX .. 'quotes', order.symbol) or '', '^%S+ (%d+) ') or 0)
  local beyond = price > 0 and ((order.side == 'buy' and price > tonumber(edge)) or (order.side == 'sell' and price < tonumber(edge)))
  local is_far = redis.call('ZSCORE', PREFIX .. 'far:total:' .. order.symbol, order.rank or '')
  if beyond ~= (is_far ~= false) then fault(id .. (beyond and ' is missing in far' or ' should not be in far')) end
  if is_far then far = far + 1 end
end

for _, id in ipairs(redis.call('SMEMBERS', PREFIX .. 'live')) do
  local order = hash('order:' .. id)
  if not order.id then
    fault('live order ' .. id .. ' has no hash')
  else
    order.held_micros, order.held_pool_micros = tonumber(order.held_micros) or 0, tonumber(order.held_pool_micros) or 0
    plus(sums.orders, 'total', order.held_micros)
    plus(sums.orders, order.pool, order.held_pool_micros)
    sides = sides + 1
    local side = order.symbol .. ' ' .. order.side .. ' ' .. id
    if not redis.call('ZSCORE', PREFIX .. 'sides', side) then fault(id .. ' is missing in sides') end
    if FINAL[order.state] then fault(id .. ' is live and ended: ' .. order.state) end
    if order.kind == 'entry' and order.state ~= 'pending' then check_holding(id, order) end
    check_leases(id, order)
    check_outbox(id, order)
    check_index(id, order)
  end
end

if sides ~= redis.call('ZCARD', PREFIX .. 'sides') then fault('sides has members that are no live orders') end

local held = redis.call('SMEMBERS', PREFIX .. 'positions')
for _, symbol in ipairs(held) do
  local position = redis.call('HMGET', PREFIX .. 'position:' .. symbol, 'cost_micros', 'pool')
  plus(sums.positions, 'total', tonumber(position[1]))
  plus(sums.positions, position[2] or '', tonumber(position[1]))
end

local function check_pool(pool)
  for _, what in ipairs({ 'orders', 'positions' }) do
    local kept, sum = micros(what .. '_micros:' .. pool), sums[what][pool] or 0
    if kept ~= sum then fault(string.format('%s: %s_micros is %.0f, the %s add up to %.0f', pool, what, kept, what, sum)) end
  end
end

-- A pool's heads: the worst of each symbol that may be taken, and nothing else.
local function check_heads(pool)
  local heads = 0
  for symbol in pairs(symbols) do
    local head = redis.call('ZRANGE', PREFIX .. 'far:' .. pool .. ':' .. symbol, 0, 0, 'WITHSCORES')
    if withdrawn(symbol) then head = {} end
    local kept = redis.call('HGET', PREFIX .. 'heads:' .. pool, symbol) or nil
    if head[1] ~= kept and not (kept == nil and comes_back(symbol)) then
      fault(symbol .. ': its head in ' .. pool .. ' is ' .. tostring(kept) .. ', should be ' .. tostring(head[1]))
    end
    if kept then
      heads = heads + 1
      local score = redis.call('ZSCORE', PREFIX .. 'victims:' .. pool, kept)
      if not score then
        fault(symbol .. ': its head is not among the victims of ' .. pool)
      elseif head[1] == kept and tonumber(score) ~= tonumber(head[2]) then
        fault(symbol .. ': its head has another rank among the victims of ' .. pool)
      end
    end
  end
  if heads ~= redis.call('ZCARD', PREFIX .. 'victims:' .. pool) then fault('victims:' .. pool .. ' has members that are no heads') end
  if heads ~= redis.call('HLEN', PREFIX .. 'heads:' .. pool) then fault('heads:' .. pool .. ' has symbols without a head') end
end

for pool in string.gmatch(account.pools, '[^;]+') do check_pool(pool) end
if tracked ~= micros('tracked') then fault('tracked is ' .. int(micros('tracked')) .. ', there are ' .. int(tracked)) end
if far ~= micros('far') then fault('far is ' .. int(micros('far')) .. ', there are ' .. int(far)) end
for pool in string.gmatch(account.pools, '[^;]+') do check_heads(pool) end

values = { { 'account', account_name }, { 'orders', live_count }, { 'positions', #held }, { 'faultCount', count } }
add_table(nil, nil, { { 'ACCOUNT' }, { 'LIVE ORDERS', nil, int }, { 'POSITIONS', nil, int }, { 'FAULTS', nil, int } },
  { { account_name, live_count, #held, count } })
add_sentences('faults', count > #faults and 'the first ' .. int(#faults) .. ' faults' or 'faults', faults)
return answer()
