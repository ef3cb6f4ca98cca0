-- settle: the broker reports that an order has ended, and how. The filled part becomes a position; the rest
-- goes to its thief (I5) or is free. Only this command gives back the room of an order that was sent (I4).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id            the order
-- ARGV[2]   state         filled | cancelled | rejected | expired
-- ARGV[3]   filled_qty    decimal units filled in the end
-- ARGV[4]   cost_micros   what they cost, rounded up
-- ARGV[5]   reason        one word for the record; `cancelled` becomes `by_hand` when no request is on record
--                         (lua/include/by-hand.lua)
--
-- Reply: settled freed_micros [steal, steal_state] | exists | unknown | contradiction | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "closures"
--- @include "steals"
--- @include "by-hand"
--- @include "orders"
--- @include "sent"

local args, refusal = read_arguments('settle', 1,
  { 'id', an_id, 'state', a_final_state, 'filled_qty', a_filled_quantity, 'cost_micros', an_amount,
  'reason', any_text })
if not args then return refusal end
if not open_book() then return { 'unknown', 'order', args.id } end
local order = read_order(args.id)
if not order then return reply('unknown', 'order', args.id) end
local _, whole, nanos = split_decimal(args.filled_qty)
local filled = quantity_text(whole, nanos)
if FINAL[order.state] then
  if order.state == args.state and order.filled_qty == filled then return reply('exists') end
  return reply('contradiction', 'order', args.id,
    'message', 'ended as ' .. order.state .. ' with ' .. order.filled_qty .. ' filled')
end
if not was_sent(order) then
  return reply('contradiction', 'order', args.id, 'message', 'it was not submitted')
end
local _, qty_whole, qty_nanos = split_decimal(order.qty)
local full = quantity_compare(whole, nanos, qty_whole, qty_nanos) == 0
local _, had_whole, had_nanos = split_decimal(order.filled_qty)
if (args.state == 'filled') ~= full then
  return reply('contradiction', 'order', args.id,
    'message', filled .. ' of ' .. order.qty .. ' filled is not ' .. args.state)
end
if quantity_compare(whole, nanos, had_whole, had_nanos) < 0 then
  return reply('contradiction', 'order', args.id, 'message', order.filled_qty .. ' were filled before')
end

note_sent(order)
if order.state == 'pending' then fail_steal(args.id, 'its grant was lost') end
if args.state ~= 'rejected' then broker_took(order) end
local room_before = room('total')
local wrong = apply_fill(order, args.filled_qty, args.cost_micros)
if wrong then return reply('contradiction', 'order', args.id, 'message', wrong) end
local freed_total, freed_own, freed_cash = order.held_micros, order.held_pool_micros, order.held_cash_micros
local robbed = order.state == 'cancelling' and order.robbed_by ~= ''
local asked = redis.call('HGET', PREFIX .. 'order:' .. args.id, 'outbox')
local by_hand = is_by_hand(order, args.state, args.reason)
end_order(order, args.state, by_hand and BY_HAND or args.reason)
if asked then redis.call('XDEL', PREFIX .. 'outbox', asked) end
if not robbed then return reply('settled', 'freed_micros', int(math.max(0, room('total') - room_before))) end
local freed = math.max(0, room('total') - room_before)
victim_ended(order, freed_total, freed_own, freed_cash)
return reply('settled', 'freed_micros', int(freed), 'steal', order.robbed_by,
  'steal_state', redis.call('HGET', PREFIX .. 'steal:' .. order.robbed_by, 'state'))
