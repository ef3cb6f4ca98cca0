-- amend: the broker's version of a live order differs from the ledger's: it was changed under its id, or
-- replaced by another order that continues it. Here it stays the same order, with its state, plan and fills;
-- the new limit and quantity count at once (I1, I2, I7). A victim stays a victim: its thief gets what it
-- frees in the end (I5).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id             the order
-- ARGV[2]   was            the broker's id that the caller knew for it; '' for none
-- ARGV[3]   broker_id      the broker's id of its present version
-- ARGV[4]   symbol         one spelling
-- ARGV[5]   side           buy | sell
-- ARGV[6]   limit          decimal USD
-- ARGV[7]   qty            decimal units, including those filled by the orders it replaced
-- ARGV[8]   before_qty     decimal units filled by those
-- ARGV[9]   before_micros  what they cost
-- ARGV[10]  takes          now: it is in force | later: it waits to replace `was`; until then the larger of
--                          the two counts
--
-- Reply: amended | exists | moved broker_id (it changed again) | ended state | unknown | contradiction |
-- invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "book"
--- @include "events"
--- @include "ranking"
--- @include "exits"
--- @include "sides"
--- @include "cash"
--- @include "orders"
--- @include "sent"

local function a_time(text)
  if text ~= 'now' and text ~= 'later' then return nil, 'now or later' end
  return text
end
local args, refusal = read_arguments('amend', 1, { 'id', an_id, 'was', any_text, 'broker_id', any_text,
  'symbol', a_symbol, 'side', a_side, 'limit', a_price, 'qty', a_quantity, 'before_qty', a_filled_quantity,
  'before_micros', an_amount, 'takes', a_time })
if not args then return refusal end
if args.broker_id == '' then return invalid('amend', 'broker_id', '', 'the id that the broker gave') end
local _, whole, nanos = split_decimal(args.qty)
if not notional(args.limit, whole, nanos) then
  return invalid('amend', 'qty', args.qty, 'limit x qty below 2^53 micro-USD')
end
if not open_book() then return { 'unknown', 'order', args.id } end
local order = read_order(args.id)
if not order then return reply('unknown', 'order', args.id) end
if FINAL[order.state] then return reply('ended', 'state', order.state) end
if order.state == 'pending' or not was_sent(order) then
  return reply('contradiction', 'order', args.id, 'message', 'it was not submitted')
end
if order.broker_id ~= '' and order.broker_id ~= args.was and order.broker_id ~= args.broker_id then
  return reply('moved', 'broker_id', order.broker_id)
end
local _, had_whole, had_nanos = split_decimal(order.filled_qty)
if quantity_compare(whole, nanos, had_whole, had_nanos) < 0 then
  return reply('contradiction', 'order', args.id, 'message', order.filled_qty .. ' were filled before')
end

-- The broker may still be asked to replace this version of it (replace).
local is_asked = order.next_qty ~= '' and order.next_broker_id == '' and args.broker_id == order.broker_id
  and (tonumber(order.next_until_ms) or 0) > health_ms
local amended = {}
for field, value in pairs(order) do amended[field] = value end
if args.takes == 'later' then
  if order.broker_id == args.broker_id then return reply('exists') end
  amended.next_broker_id, amended.next_limit, amended.next_qty = args.broker_id, ARGV[6], args.qty
else
  amended.broker_id, amended.symbol, amended.side, amended.limit, amended.qty = args.broker_id, args.symbol,
    args.side, ARGV[6], args.qty
  if not is_asked then
    amended.next_broker_id, amended.next_limit, amended.next_qty = '', '', ''
    amended.next_id, amended.next_until_ms = '', ''
  end
  -- It no longer closes the position that it was made to close.
  if order.kind == 'exit' and (args.symbol ~= order.symbol or args.side ~= order.side) then
    amended.kind = 'external'
  end
end
-- A sale whose limit is lowered below the market fills at the market.
if amended.side == 'sell' and amended.kind ~= 'exit' and to_nanos(amended.limit) < to_nanos(order.limit)
  and (read_settings('short_margin_nanos').short_margin_nanos or 0) > 0 then
  amended.hold_nanos = int(price_of(order))
end
local same = true
for _, field in ipairs({ 'broker_id', 'symbol', 'side', 'next_broker_id' }) do
  same = same and amended[field] == order[field]
end
for _, field in ipairs({ 'limit', 'qty', 'next_limit', 'next_qty' }) do
  same = same and is_equal(amended[field], order[field])
end
if same then return reply('exists') end
local counts = unfilled_micros(amended)
if not is_countable(math.max(0, counts - order.held_micros)) then
  return reply(unpack(invalid('amend', 'qty', args.qty,
    'limit x qty that adds up with all that counts to less than 2^53 micro-USD')))
end

note_sent(order)
if order.rank ~= '' then untrack(order) end
drop_side(order)
add_side(amended)
if order.kind == 'exit' then drop_exit(order, unfilled_of(order)) end
if amended.kind == 'exit' then add_exit(amended, unfilled_of(amended)) end
hold(amended, counts, amended.pool == '' and 0 or counts, needs_cash(amended) and counts or 0)
local edge, rank = offer(amended)
if order.broker_id ~= amended.broker_id then redis.call('HDEL', PREFIX .. 'successors', order.broker_id) end
redis.call('HDEL', PREFIX .. 'successors', order.next_broker_id)
redis.call('HSET', PREFIX .. 'successors', args.broker_id, args.id)
write_order(args.id, 'broker_id', amended.broker_id, 'symbol', amended.symbol, 'side', amended.side,
  'kind', amended.kind, 'limit', amended.limit, 'hold_nanos', amended.hold_nanos, 'qty', amended.qty,
  'next_broker_id', amended.next_broker_id, 'next_limit', amended.next_limit, 'next_qty', amended.next_qty,
  'next_id', amended.next_id, 'next_until_ms', amended.next_until_ms, 'before_qty', args.before_qty,
  'before_micros', args.before_micros, 'held_micros', amended.held_micros,
  'held_pool_micros', amended.held_pool_micros, 'held_cash_micros', amended.held_cash_micros,
  'edge_nanos', edge, 'rank', rank, 'amended_ms', health_ms)
emit('amended', 'order', args.id, 'symbol', amended.symbol, 'plan', amended.plan, 'limit', amended.limit,
  'qty', amended.qty, 'was', order.limit .. ' ' .. order.qty, 'waits', args.takes == 'later' and '1' or '0')
return reply('amended')
