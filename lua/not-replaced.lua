-- not-replaced: the broker refused to replace the order (replace), or was not asked: it stays as it is, and
-- what only the replacement held is given back (I4).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id        the order
-- ARGV[2]   next_id   the client order id of the replacement
--
-- Reply: kept | exists (no such replacement waits, or the broker took it; or the order is a victim, and its
-- thief gets all that it holds) | ended state | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "cash"
--- @include "orders"

local args, refusal = read_arguments('not-replaced', 1, { 'id', an_id, 'next_id', an_id })
if not args then return refusal end
if not open_book() then return { 'unknown', 'order', args.id } end
local order = read_order(args.id)
if not order then return reply('unknown', 'order', args.id) end
if FINAL[order.state] then return reply('ended', 'state', order.state) end
if order.next_qty == '' or order.next_id ~= args.next_id or order.next_broker_id ~= ''
  or order.robbed_by ~= '' then
  return reply('exists')
end
order.next_id, order.next_limit, order.next_qty = '', '', ''
local counts = unfilled_micros(order)
hold(order, counts, order.pool == '' and 0 or counts, needs_cash(order) and counts or 0)
write_order(args.id, 'next_id', '', 'next_limit', '', 'next_qty', '', 'next_until_ms', '',
  'held_micros', order.held_micros, 'held_pool_micros', order.held_pool_micros,
  'held_cash_micros', order.held_cash_micros)
return reply('kept')
