-- What `admit` and `steal` share: reading a wish, recognising a retry, and the checks of room and price.

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "series"
--- @include "book"
--- @include "events"
--- @include "leases"
--- @include "exits"
--- @include "sides"
--- @include "opposite"
--- @include "cash"
--- @include "bars"
--- @include "holdings"
--- @include "shorts"
--- @include "refusals"

local WISH = { 'id', an_id, 'symbol', a_symbol, 'side', a_side, 'kind', a_kind, 'mode', a_mode,
  'limit', a_price, 'qty', a_quantity, 'pnl', a_pnl, 'pool', a_pool, 'owner', an_id, 'plan', an_id_or_none,
  'lease_ms', a_duration, 'server_id', any_text, 'type', an_order_type, 'fill_probability', a_probability }

-- The form of the texts of a right wish, each in a line. It says nothing of their lengths.
local WISH_LINES = '^[%w_%-]+\n[A-Z0-9][A-Z0-9.]*\n[buysel]+\n[enrtyxi]+\n[normalpbe]+\n[%d.]+\n[%d.]+\n'
  .. '%-?[%d.]+\n[a-z0-9_]*\n[%w_%-]+\n[%w_%-]*\n%d+\n%C*\nlimit\n[%d.]+$'

-- Checks a wish as a whole: nil when something is wrong, or only unusual. The slow way then says what.
local function read_plain_wish(more)
  if #ARGV < 15 or #ARGV > 15 + more or not string.find(table.concat(ARGV, '\n', 1, 15), WISH_LINES) then
    return nil
  end
  local id, symbol, side, kind, mode, limit, qty, pnl, pool, owner, plan, lease_ms, server_id =
    unpack(ARGV, 1, 13)
  if #id > 64 or #symbol > 32 or not a_side(side) or not a_kind(kind) or not a_mode(mode)
    or not a_pool(pool) or #owner > 64 or #plan > 64 or #lease_ms > 12 or #server_id > 256 then
    return nil
  end
  local fill_probability = ARGV[15]
  if fill_probability ~= '1' and not a_probability(fill_probability) then return nil end
  local limit_nanos, pnl_nanos = to_nanos(limit), to_nanos(pnl)
  local sign, whole, nanos = split_decimal(qty)
  if not limit_nanos or limit_nanos <= 0 or not pnl_nanos or math.abs(pnl_nanos) > 1e15
    or not sign or whole + nanos == 0 or whole > 1e12 then
    return nil
  end
  return { id = id, symbol = symbol, side = side, kind = kind, mode = mode, limit = limit_nanos, qty = qty,
    whole = whole, nanos = nanos, need_micros = 0, pnl = pnl_nanos, pool = pool, owner = owner, plan = plan,
    lease_ms = tonumber(lease_ms), server_id = server_id, type = 'limit',
    fill_probability = fill_probability }
end

-- ARGV[1..15] keep the wish as sent; `wish` holds the parsed values. Returns wish, or nil and the reply.
-- `more`: how many arguments may follow.
local function read_wish(command, more)
  local wish, refusal = read_plain_wish(more), nil
  if not wish then
    wish, refusal = read_arguments(command, 1, WISH, more)
    if not wish then return nil, refusal end
    local _
    _, wish.whole, wish.nanos = split_decimal(wish.qty)
  end
  wish.need_micros = notional(wish.limit, wish.whole, wish.nanos)
  if not wish.need_micros then
    return nil, invalid(command, 'qty', wish.qty, 'limit x qty below 2^53 micro-USD')
  end
  if wish.kind == 'exit' then
    wish.need_micros = 0
  elseif wish.type ~= 'limit' then
    return nil, invalid(command, 'type', wish.type, 'limit, for an entry')
  end
  return wish
end

-- An order that already has this id (I6): `exists` with its state, or `contradiction` when the wish differs.
-- Decimals are compared by value. An adopted order (`external`) matches a wish of either kind. An order
-- amended at the broker matches any wish.
local function known(wish)
  local key = PREFIX .. 'order:' .. wish.id
  if redis.call('EXISTS', key) == 0 then return nil end
  local order = redis.call('HMGET', key, 'state', 'symbol', 'side', 'limit', 'qty', 'kind', 'amended_ms')
  local _, whole, nanos = split_decimal(order[5])
  local _, wish_whole, wish_nanos = split_decimal(wish.qty)
  if order[7] then return reply('exists', 'state', order[1]) end
  if order[2] ~= wish.symbol or order[3] ~= wish.side or to_nanos(order[4]) ~= wish.limit
    or quantity_compare(whole, nanos, wish_whole, wish_nanos) ~= 0
    or (order[6] ~= wish.kind and order[6] ~= 'external') then
    return reply('contradiction', 'order', wish.id, 'message', 'the id stands for another wish')
  end
  return reply('exists', 'state', order[1])
end

-- After data loss, `recall` restores the ids that the broker has seen. If the broker has had this order, or a
-- later one of its series, it is not sent again (I6) and its fill is not counted twice (I1). `superseded`
-- with that order's id.
local function superseded(wish)
  if number('recalled') == 0 then return nil end
  local series, attempt = series_of(wish.id)
  local highest = series and redis.call('HGET', PREFIX .. 'attempts', series)
  if highest and tonumber(highest) >= attempt then return reply('superseded', 'by', series .. highest) end
  return nil
end

-- Micros lacking in total, in the order's own pool, and of cash; 0 where it fits. An exit needs no room, so
-- it fits even when the cap is exceeded.
local function lacks(wish)
  if wish.kind == 'exit' then return 0, 0, 0 end
  local total = math.max(0, wish.need_micros - room('total'))
  local own = wish.pool == '' and 0 or math.max(0, wish.need_micros - room(wish.pool))
  local cash = needs_cash(wish) and math.max(0, wish.need_micros - cash_room()) or 0
  wish.lacks = total > 0 or own > 0 or cash > 0
  return total, own, cash
end

-- Writes the order, with any further fields, and reserves what it holds now: of cash, what it does not lack.
local function write_wish(wish, state, held_total, held_own, lack_cash, ...)
  local held_cash = needs_cash(wish) and math.max(0, wish.need_micros - lack_cash) or 0
  add_orders('total', held_total)
  if wish.pool ~= '' then add_orders(wish.pool, held_own) end
  add('orders_micros:cash', held_cash)
  local key = PREFIX .. 'order:' .. wish.id
  redis.call('HSET', key, 'id', wish.id, 'symbol', wish.symbol, 'side', wish.side, 'kind', wish.kind,
    'mode', wish.mode, 'pool', wish.pool, 'limit', ARGV[6], 'qty', wish.qty, 'pnl', ARGV[8],
    'owner', wish.owner, 'plan', wish.plan, 'state', state, 'need_micros', int(wish.need_micros),
    'held_micros', int(held_total), 'filled_qty', '0', 'created_at_ms', int(now_ms),
    'updated_ms', int(health_ms), ...)
  -- An absent number is 0 (orders), an absent probability 1: most orders have neither a pool of their own nor
  -- cash, and no probability.
  if wish.fill_probability ~= '1' then
    redis.call('HSET', key, 'fill_probability', wish.fill_probability)
  end
  if wish.pool ~= '' then redis.call('HSET', key, 'held_pool_micros', int(held_own)) end
  if held_cash > 0 then redis.call('HSET', key, 'held_cash_micros', int(held_cash)) end
  redis.call('SADD', PREFIX .. 'live', wish.id)
  add_side(wish)
  if wish.hold_nanos then
    redis.call('HSET', PREFIX .. 'order:' .. wish.id, 'hold_nanos', int(wish.hold_nanos))
  end
  if wish.kind == 'exit' then
    redis.call('HSET', PREFIX .. 'order:' .. wish.id, 'type', wish.type)
    add_exit(wish, wish.whole, wish.nanos)
  end
  put_lease(wish.id, health_ms + wish.lease_ms)
end

local function reserve(wish)
  write_wish(wish, 'reserved', wish.need_micros, wish.pool == '' and 0 or wish.need_micros, 0)
  emit('reserved', 'order', wish.id, 'symbol', wish.symbol, 'plan', wish.plan,
    'held_micros', int(wish.need_micros))
end

-- Numbers in every reply: what the wish needs and the room there is.
local function room_numbers(wish)
  local numbers = { 'need_micros', int(wish.need_micros), 'room_micros', int(room('total')) }
  if wish.pool ~= '' then
    numbers[#numbers + 1] = 'pool_room_micros'
    numbers[#numbers + 1] = int(room(wish.pool))
  end
  if needs_cash(wish) and account['cap_micros:cash'] then
    numbers[#numbers + 1] = 'cash_room_micros'
    numbers[#numbers + 1] = int(cash_room())
  end
  return numbers
end

local function refuse(wish, reason, ...)
  local numbers = room_numbers(wish)
  for _, value in ipairs({ ... }) do numbers[#numbers + 1] = value end
  if wish.seen and reason ~= 'blocked' then
    --- @include "seen"
    write_journal(wish, reason, numbers)
  end
  record_refusal(wish, reason, numbers)
  if wish.plan ~= '' and (wish.lacks or number('waiting') > 0) and account['what_if'] ~= '1' then
    --- @include "queueing"
    for _, value in ipairs(queue_by(wish, reason)) do numbers[#numbers + 1] = value end
  end
  return reply(reason, unpack(numbers))
end

-- Refuses as `closed`, with the first cause and its description.
local function refuse_as_closed(wish)
  local cause = string.match(account['closed_by'], '^[^;]+')
  local words = string.match(redis.call('HGET', PREFIX .. 'closures', cause) or '', '^%d+ (.*)$') or ''
  return refuse(wish, 'closed', 'cause', cause, 'words', words)
end

-- The reply when the account lacks the wish's pool. An exit needs no room, so it goes on without a pool,
-- except in a what-if.
local function refuse_pool(wish, command)
  if has_pool(wish.pool) then return nil end
  if wish.kind == 'exit' and account['what_if'] ~= '1' then
    wish.pool = ''
    return nil
  end
  return reply(unpack(invalid(command, 'pool', wish.pool, 'a pool of the account')))
end

-- Refuses an entry while the account is halted, closed or unsynced; nil when it may go on. With `may_probe`
-- it may go on as a probe (closures). Exits pass, except in a what-if.
local function refuse_closed(wish, may_probe)
  if wish.kind == 'exit' and account['what_if'] ~= '1' then return nil end
  local why = closed(wish.server_id, may_probe and wish.id)
  if why == 'closed' then return refuse_as_closed(wish) end
  return why and refuse(wish, why)
end

-- Refuses an entry that something on the other side of its symbol keeps out (opposite).
local function refuse_opposite(wish)
  if wish.kind == 'exit' then return nil end
  local numbers = opposite_of(wish.symbol, wish.side, wish.limit)
  return numbers and account['what_if'] ~= '1' and refuse(wish, 'opposite', unpack(numbers)) or nil
end

-- Refuses an exit that closes more than is held, or whose position was not confirmed recently (holdings).
local function refuse_unheld(wish)
  if wish.kind ~= 'exit' or account['what_if'] == '1' then return nil end
  local why, numbers = judge_exit(wish.symbol, wish.side, wish.whole, wish.nanos, wish.server_id, false)
  return why and refuse(wish, why, unpack(numbers))
end

-- The refusals that need no price, in order of precedence; nil when the wish may go on.
local function refuse_early(wish, may_probe)
  -- Only who records depends on it: an odd value is as none, and stops no order.
  if (tonumber(account['recorded_until_ms']) or 0) > health_ms and wish.kind == 'entry' then
    --- @include "seen"
    wish.seen = seen_by(wish)
  end
  return refuse_closed(wish, may_probe) or superseded(wish) or refuse_opposite(wish) or refuse_unheld(wish)
end

-- Its host knows that the broker would refuse it. `text`: a reason code, a blank, a description for people.
local function refuse_untakeable(wish, text)
  local word, words = string.match(text, '^(%S*)%s?(.*)$')
  return refuse(wish, 'untakeable', 'why', word, 'words', words)
end

-- For a sale that opens a short position: sets what it needs to what it may cost (shorts). Refuses it when no
-- fresh price is known.
local function refuse_unpriced(wish, command)
  if not is_short_sale(wish) then return nil end
  local price, at, doubted = short_price(wish.symbol, wish.limit)
  if not price then
    local age_ms = at and int(health_ms - at) or ''
    if not doubted then return refuse(wish, 'no_price', 'quote_age_ms', age_ms) end
    return refuse(wish, 'no_price', 'quote_age_ms', age_ms, 'doubted_price', nanos_text(doubted))
  end
  local need = notional(price, wish.whole, wish.nanos)
  if not need then
    return reply(unpack(invalid(command, 'qty', wish.qty, 'price x qty below 2^53 micro-USD')))
  end
  wish.need_micros, wish.hold_nanos = need, price > wish.limit and price or nil
  return nil
end

-- A wish that does not fit: may it steal? Returns the refusal, or nil when it may; then the settings,
-- including those that the caller names. Sets wish.price_nanos, where there is a fresh price.
local function gate(wish, ...)
  local settings = read_settings('enabled', 'gate_nanos', 'quote_max_age_ms', ...)
  if settings.enabled ~= 1 then return refuse(wish, 'disabled'), settings end
  --- @include "quotes"
  --- @include "edges"
  local price, at = quote_of(wish.symbol)
  if not price or price == 0 or not is_fresh(at, settings.quote_max_age_ms) then
    return refuse(wish, 'no_price', 'quote_age_ms', at and int(health_ms - at) or ''), settings
  end
  wish.price_nanos = price
  local edge = edge_price(wish.side, wish.limit, settings.gate_nanos)
  if is_beyond(wish.side, price, edge) then
    return refuse(wish, 'not_close_enough', 'price', nanos_text(price), 'gate_price', nanos_text(edge),
      'distance', string.format('%.9f', math.abs(price - wish.limit) / wish.limit)), settings
  end
  local bar = bar_of(wish)
  if bar then
    return refuse(wish, 'barred', 'until_ms', int(bar.until_ms), 'barred_times', bar.times,
      'cause', bar.cause, 'bar_reason', bar.reason),
      settings
  end
  return nil, settings
end
