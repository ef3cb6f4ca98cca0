-- replace: the last step before the broker is asked to replace a working order by another one. From here on
-- the larger of the two counts (I1), until the broker has decided (I4): `amend` when it took the replacement,
-- `not-replaced` when it refused. The sender must ask within lease_ms or not at all.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id          the order
-- ARGV[2]   was         the broker's id of its present version
-- ARGV[3]   next_id     the client order id of the replacement
-- ARGV[4]   limit       decimal USD of the replacement
-- ARGV[5]   qty         decimal units that the replacement may fill
-- ARGV[6]   lease_ms    ms of health time in which the broker may be asked
-- ARGV[7]   server_id   `<run id>:<replication id>` of the Redis server that the caller believes it talks to
--
-- Reply: send | exists next_id (a replacement waits already) | no_room need_micros room_micros[,
-- pool_room_micros][, cash_room_micros] (need_micros: more than it holds) | no_price (short sales) |
-- too_large left_qty (an exit closes no more than before) | halted | closed | unsynced (these three: entries;
-- the first two only where it needs more room) | moved broker_id | not_working state | ended state | unknown
-- | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "server"
--- @include "book"
--- @include "exits"
--- @include "cash"
--- @include "orders"
--- @include "shorts"

local args, refusal = read_arguments('replace', 1, { 'id', an_id, 'was', any_text, 'next_id', an_id,
  'limit', a_price, 'qty', a_quantity, 'lease_ms', a_duration, 'server_id', any_text })
if not args then return refusal end
if args.was == '' then return invalid('replace', 'was', '', 'the id that the broker gave') end
local _, whole, nanos = split_decimal(args.qty)
if not open_book() then return { 'unsynced' } end
local order = read_order(args.id)
if not order then return reply('unknown', 'order', args.id) end
if FINAL[order.state] then return reply('ended', 'state', order.state) end
if order.state ~= 'working' then return reply('not_working', 'state', order.state) end
if order.broker_id ~= args.was then return reply('moved', 'broker_id', order.broker_id) end
if order.next_qty ~= '' then return reply('exists', 'next_id', order.next_id) end

local is_exit = order.kind == 'exit'
local left_whole, left_nanos = unfilled_of(order)
if is_exit and quantity_compare(whole, nanos, left_whole, left_nanos) > 0 then
  return reply('too_large', 'left_qty', quantity_text(left_whole, left_nanos))
end
if not is_exit and not (is_synced_lately() and is_ours(args.server_id)) then return reply('unsynced') end

local replaced = {}
for field, value in pairs(order) do replaced[field] = value end
local _, filled_whole, filled_nanos = split_decimal(order.filled_qty)
replaced.next_qty = quantity_text(quantity_plus(filled_whole, filled_nanos, whole, nanos))
replaced.next_limit = ARGV[4]
if not is_exit and order.side == 'sell' then
  local price = short_price(order.symbol, args.limit)
  if not price then return reply('no_price') end
  if price > price_of(replaced, ARGV[4]) then replaced.hold_nanos = int(price) end
end
if not notional(price_of(replaced, ARGV[4]), whole, nanos)
  or not notional(price_of(replaced), left_whole, left_nanos) then
  return reply(unpack(invalid('replace', 'qty', args.qty, 'limit x qty below 2^53 micro-USD')))
end
local counts = unfilled_micros(replaced)
local is_cash = needs_cash(order)
local more = counts - order.held_micros
local more_own = order.pool == '' and 0 or counts - order.held_pool_micros
local more_cash = is_cash and counts - order.held_cash_micros or 0
if more > 0 then
  local why = closed(args.server_id)
  if why then return reply(why) end
end
if (more > 0 and room('total') < more) or (more_own > 0 and room(order.pool) < more_own)
  or (more_cash > 0 and cash_room() < more_cash) then
  local numbers = { 'need_micros', int(more), 'room_micros', int(room('total')) }
  if order.pool ~= '' then
    numbers[#numbers + 1] = 'pool_room_micros'
    numbers[#numbers + 1] = int(room(order.pool))
  end
  if is_cash and account['cap_micros:cash'] then
    numbers[#numbers + 1] = 'cash_room_micros'
    numbers[#numbers + 1] = int(cash_room())
  end
  return reply('no_room', unpack(numbers))
end

hold(replaced, counts, order.pool == '' and 0 or counts, is_cash and counts or 0)
write_order(args.id, 'next_broker_id', '', 'next_id', args.next_id, 'next_limit', replaced.next_limit,
  'next_qty', replaced.next_qty, 'next_until_ms', int(health_ms + args.lease_ms),
  'hold_nanos', replaced.hold_nanos, 'held_micros', replaced.held_micros,
  'held_pool_micros', replaced.held_pool_micros, 'held_cash_micros', replaced.held_cash_micros)
return reply('send')
