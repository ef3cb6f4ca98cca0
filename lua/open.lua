-- open: the broker confirmed that the order is live: reserved -> working. From now on it may be a victim
-- (I3).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id          the order
-- ARGV[2]   broker_id   the broker's id of the order
--
-- Reply: working | exists state | ended state reason (the ledger considers it ended: cancel it at the broker,
-- reconcile) | unknown | contradiction (never sent, or another broker id) | invalid

--- @include "arguments"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "leases"
--- @include "barring"
--- @include "closures"
--- @include "orders"
--- @include "sent"

local args, refusal = read_arguments('open', 1, { 'id', an_id, 'broker_id', any_text })
if not args then return refusal end
if args.broker_id == '' then return invalid('open', 'broker_id', '', 'the id that the broker gave') end
if not open_book() then return { 'unknown', 'order', args.id } end
local order = read_order(args.id)
if not order then return reply('unknown', 'order', args.id) end
if FINAL[order.state] then return reply('ended', 'state', order.state, 'reason', order.reason) end
if order.broker_id ~= '' and order.broker_id ~= args.broker_id then
  return reply('contradiction', 'order', args.id, 'message', 'known to the broker as ' .. order.broker_id)
end
if order.state == 'working' or order.state == 'cancelling' then
  if order.broker_id == '' then write_order(args.id, 'broker_id', args.broker_id) end
  return reply('exists', 'state', order.state)
end
if order.state == 'pending' or not was_sent(order) then
  return reply('contradiction', 'order', args.id, 'message', 'it was not submitted')
end

note_sent(order)
broker_took(order)
drop_lease(args.id)
lift_bar(order)
order.state = 'working'
local edge, rank = offer(order)
write_order(args.id, 'state', 'working', 'broker_id', args.broker_id, 'edge_nanos', edge, 'rank', rank,
  'unclear', 0, 'opened_at_ms', now_ms)
emit('working', 'order', args.id, 'symbol', order.symbol, 'plan', order.plan)
return reply('working')
