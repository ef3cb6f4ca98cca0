-- submit: the last step before an order is sent to the broker. From here on only the broker's answer gives
-- back its room (I4), so the sender must send within lease_ms or not at all.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id          the order
-- ARGV[2]   lease_ms    ms of health time in which it may be sent
-- ARGV[3]   server_id   `<run id>:<replication id>` of the Redis server that the caller believes it talks to
--
-- Reply: send | exists state sent_at_ms (perhaps sent before: ask the broker first) | over_cap (the cap was
-- lowered, or a short sale now needs more than there is: release it) | no_price (short sales only: release
-- it) | halted | closed | unsynced | opposite by by_plan held_qty (these four: entries only; opposite:
-- release it) | no_position | unconfirmed (exits only) | unknown | ended state | pending | unclear (the book
-- is damaged, or was not reconciled on this server: it may have been sent before; changes nothing) | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "server"
--- @include "book"
--- @include "leases"
--- @include "exits"
--- @include "opposite"
--- @include "cash"
--- @include "closures"
--- @include "orders"
--- @include "holdings"
--- @include "shorts"

local args, refusal = read_arguments('submit', 1,
  { 'id', an_id, 'lease_ms', a_duration, 'server_id', any_text })
if not args then return refusal end
if not open_book() then return { 'unclear' } end

-- Why it is not sent. A book that was not reconciled on this server may have lost that it was sent before.
local function unsent(why, ...)
  if not is_ours(args.server_id) then return reply('unclear') end
  return reply(why, ...)
end

local order = read_order(args.id)
if not order then return unsent('unknown', 'order', args.id) end
if FINAL[order.state] then
  if order.sent_at_ms == 0 then return unsent('ended', 'state', order.state, 'reason', order.reason) end
  return reply('ended', 'state', order.state, 'reason', order.reason)
end
if order.state == 'pending' then return unsent('pending') end
if order.state ~= 'reserved' or order.sent_at_ms > 0 then
  return reply('exists', 'state', order.state, 'sent_at_ms', int(order.sent_at_ms))
end
if order.kind == 'exit' and account['what_if'] ~= '1' then
  local whole, nanos = unfilled_of(order)
  local unheld, numbers = judge_exit(order.symbol, order.side, whole, nanos, args.server_id, true)
  if unheld then return unsent(unheld, unpack(numbers)) end
else
  local why = closed(args.server_id, order.kind ~= 'exit' and args.id)
  if why then return unsent(why) end
  local opposite = order.kind ~= 'exit' and account['what_if'] ~= '1'
    and opposite_of(order.symbol, order.side, to_nanos(order.limit))
  if opposite then return unsent('opposite', unpack(opposite)) end
end
local price, need = price_of(order), order.held_micros
if is_short_sale(order) then
  local now_nanos = short_price(order.symbol, to_nanos(order.limit))
  if not now_nanos then return unsent('no_price') end
  if now_nanos > price then
    price, need = now_nanos, notional(now_nanos, unfilled_of(order)) or MAX_INTEGER
  end
end
local more = need - order.held_micros
if order.kind ~= 'exit' and (room('total') < more or (order.pool ~= '' and room(order.pool) < more)
  or (needs_cash(order) and cash_room() < 0)) then
  return unsent('over_cap', 'room_micros', int(room('total')))
end
begin_probe(order)
put_lease(args.id, health_ms + args.lease_ms)
if more > 0 then
  hold(order, need, order.pool == '' and 0 or need, order.held_cash_micros)
  write_order(args.id, 'hold_nanos', int(price), 'need_micros', int(need),
    'held_micros', int(order.held_micros), 'held_pool_micros', int(order.held_pool_micros))
end
write_order(args.id, 'sent_at_ms', health_ms)
return reply('send')
