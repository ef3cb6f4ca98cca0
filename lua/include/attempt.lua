-- What `admit` and `steal` share: the wish, whether it is known already, whether it fits, whether it is close
-- enough.

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
--- @include "cash"
--- @include "bars"
--- @include "holdings"
--- @include "shorts"
--- @include "refusals"

local WISH = { 'id', an_id, 'symbol', a_symbol, 'side', a_side, 'kind', a_kind, 'mode', a_mode,
  'limit', a_price, 'qty', a_quantity, 'pnl', a_pnl, 'pool', a_pool, 'owner', an_id, 'plan', an_id_or_none,
  'lease_ms', a_duration, 'server_id', any_text }

-- The wish as it was sent stays in ARGV[1..13]; `wish` holds what was parsed. Returns wish, or nil and the
-- reply. `more`: how many arguments may follow.
local function read_wish(command, more)
  local wish, refusal = read_arguments(command, 1, WISH, more)
  if not wish then return nil, refusal end
  local _, whole, nanos = split_decimal(wish.qty)
  wish.whole, wish.nanos = whole, nanos
  wish.need_micros = notional(wish.limit, whole, nanos)
  if not wish.need_micros then
    return nil, invalid(command, 'qty', wish.qty, 'limit x qty below 2^53 micro-USD')
  end
  if wish.kind == 'exit' then wish.need_micros = 0 end
  return wish
end

-- A wish whose order is known already (I6): `exists` with its state, or `contradiction` when it is another
-- wish. Decimals are compared by value; an adopted order answers to the wish that it once was, one that was
-- changed at the broker (amend) to the wish that it was made of.
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

-- The broker has had this very order, or a later one of its series, which a ledger that was lost forgot and
-- was told of again (recall): it is not begun a second time (I6), and what it filled is not counted twice
-- (I1). `superseded` with that order's id.
local function superseded(wish)
  if number('recalled') == 0 then return nil end
  local series, attempt = series_of(wish.id)
  local highest = series and redis.call('HGET', PREFIX .. 'attempts', series)
  if highest and tonumber(highest) >= attempt then return reply('superseded', 'by', series .. highest) end
  return nil
end

-- What it lacks in total, in its own pool and of cash; 0 where it fits. An exit needs no room, so it fits
-- where the cap is exceeded too.
local function lacks(wish)
  if wish.kind == 'exit' then return 0, 0, 0 end
  local total = math.max(0, wish.need_micros - room('total'))
  local own = wish.pool == '' and 0 or math.max(0, wish.need_micros - room(wish.pool))
  return total, own, needs_cash(wish) and math.max(0, wish.need_micros - cash_room()) or 0
end

-- Takes what it holds now (of cash, what it does not lack) and writes the order, with further fields where
-- there are any.
local function write_wish(wish, state, held_total, held_own, lack_cash, ...)
  local held_cash = needs_cash(wish) and math.max(0, wish.need_micros - lack_cash) or 0
  add_orders('total', held_total)
  if wish.pool ~= '' then add_orders(wish.pool, held_own) end
  add('orders_micros:cash', held_cash)
  redis.call('HSET', PREFIX .. 'order:' .. wish.id, 'id', wish.id, 'symbol', wish.symbol, 'side', wish.side,
    'kind', wish.kind, 'mode', wish.mode, 'pool', wish.pool, 'limit', ARGV[6], 'qty', wish.qty,
    'pnl', ARGV[8], 'owner', wish.owner, 'plan', wish.plan, 'state', state,
    'need_micros', int(wish.need_micros), 'held_micros', int(held_total), 'held_pool_micros', int(held_own),
    'held_cash_micros', int(held_cash), 'filled_qty', '0', 'filled_micros', '0', 'created_at_ms', int(now_ms),
    'updated_ms', int(health_ms), ...)
  redis.call('SADD', PREFIX .. 'live', wish.id)
  add_side(wish)
  if wish.hold_nanos then
    redis.call('HSET', PREFIX .. 'order:' .. wish.id, 'hold_nanos', int(wish.hold_nanos))
  end
  if wish.kind == 'exit' then add_exit(wish, wish.whole, wish.nanos) end
  put_lease(wish.id, health_ms + wish.lease_ms)
end

local function reserve(wish)
  write_wish(wish, 'reserved', wish.need_micros, wish.pool == '' and 0 or wish.need_micros, 0)
  emit('reserved', 'order', wish.id, 'symbol', wish.symbol, 'plan', wish.plan)
end

-- The numbers of every answer: what it needs, what room there is.
local function room_numbers(wish)
  local numbers = { 'need_micros', int(wish.need_micros), 'room_micros', int(room('total')) }
  if wish.pool ~= '' then
    numbers[#numbers + 1] = 'pool_room_micros'
    numbers[#numbers + 1] = int(room(wish.pool))
  end
  if account['cap_micros:cash'] and needs_cash(wish) then
    numbers[#numbers + 1] = 'cash_room_micros'
    numbers[#numbers + 1] = int(cash_room())
  end
  return numbers
end

local function refuse(wish, reason, ...)
  local numbers = room_numbers(wish)
  for _, value in ipairs({ ... }) do numbers[#numbers + 1] = value end
  record_refusal(wish, reason, numbers)
  return reply(reason, unpack(numbers))
end

-- `closed`, with its first cause and what is said of it.
local function refuse_as_closed(wish)
  local cause = string.match(account['closed_by'], '^[^;]+')
  local words = string.match(redis.call('HGET', PREFIX .. 'closures', cause) or '', '^%d+ (.*)$') or ''
  return refuse(wish, 'closed', 'cause', cause, 'words', words)
end

-- The wish names a pool that the account lacks: the reply. An exit needs no room, so no pool keeps it, but in
-- a what-if.
local function refuse_pool(wish, command)
  if has_pool(wish.pool) then return nil end
  if wish.kind == 'exit' and account['what_if'] ~= '1' then
    wish.pool = ''
    return nil
  end
  return reply(unpack(invalid(command, 'pool', wish.pool, 'a pool of the account')))
end

-- Of an entry: nothing is admitted now, and why. Nothing when it may go on, as a probe too where it may be
-- one (closures). Exits are kept by none of this, but in a what-if.
local function refuse_closed(wish, may_probe)
  if wish.kind == 'exit' and account['what_if'] ~= '1' then return nil end
  local why = closed(wish.server_id, may_probe and wish.id)
  if why == 'closed' then return refuse_as_closed(wish) end
  return why and refuse(wish, why)
end

-- Of an entry whose symbol's other side is taken (sides): the refusal.
local function refuse_opposite(wish)
  if wish.kind == 'exit' or account['what_if'] == '1' then return nil end
  local numbers = opposite_of(wish.symbol, wish.side)
  return numbers and refuse(wish, 'opposite', unpack(numbers))
end

-- Of an exit that closes more than is held, or than anybody confirmed lately: the refusal.
local function refuse_unheld(wish)
  if wish.kind ~= 'exit' or account['what_if'] == '1' then return nil end
  local why, numbers = judge_exit(wish.symbol, wish.side, wish.whole, wish.nanos, wish.server_id, false)
  return why and refuse(wish, why, unpack(numbers))
end

-- The refusals before any that a price decides, in their order; nothing when it may go on.
local function refuse_early(wish, may_probe)
  return refuse_closed(wish, may_probe) or superseded(wish) or refuse_opposite(wish) or refuse_unheld(wish)
end

-- The broker would not take it, as its host knows: a word, a blank, what a person reads.
local function refuse_untakeable(wish, text)
  local word, words = string.match(text, '^(%S*)%s?(.*)$')
  return refuse(wish, 'untakeable', 'why', word, 'words', words)
end

-- Of a sale that opens a short position: counts what it may cost from here on. The refusal where no fresh
-- price tells that.
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

-- It does not fit: may it steal? Returns nothing when it may, else the refusal; and the settings, with those
-- that the caller names.
local function gate(wish, ...)
  local settings = read_settings('enabled', 'gate_nanos', 'quote_max_age_ms', ...)
  if settings.enabled ~= 1 then return refuse(wish, 'disabled'), settings end
  --- @include "quotes"
  --- @include "edges"
  local price, at = quote_of(wish.symbol)
  if not price or price == 0 or not is_fresh(at, settings.quote_max_age_ms) then
    return refuse(wish, 'no_price', 'quote_age_ms', at and int(health_ms - at) or ''), settings
  end
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
