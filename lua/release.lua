-- release: the owner gives back an order that was never sent. A thief declines its grant this way; what its
-- victims free later is free for all (I5).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id       the order
-- ARGV[2]   reason   one word for the record
--
-- Reply: released | exists state | sent state (it may be at the broker: cancel and settle it) | unknown |
-- invalid

--- @include "arguments"
--- @include "book"
--- @include "steals"
--- @include "orders"

local args, refusal = read_arguments('release', 1, { 'id', an_id, 'reason', any_text })
if not args then return refusal end
if not open_book() then return { 'unknown', 'order', args.id } end
local order = read_order(args.id)
if not order then return reply('unknown', 'order', args.id) end
if FINAL[order.state] then return reply('exists', 'state', order.state) end
if order.sent_at_ms > 0 or order.kind == 'external' then return reply('sent', 'state', order.state) end
if order.state == 'pending' then fail_steal(args.id, 'the thief gave up') end
end_order(order, 'cancelled', args.reason)
return reply('released')
