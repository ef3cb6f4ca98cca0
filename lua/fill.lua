-- fill: the broker reports how much of a live order is filled so far. The filled part becomes a position and
-- still counts; the rest counts at the limit (I1, I2, I6: older and equal reports change nothing).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id            the order
-- ARGV[2]   filled_qty    decimal units filled so far, cumulative
-- ARGV[3]   cost_micros   what the filled units cost, cumulative, rounded up
--
-- Reply: filled_so_far | exists | unknown | ended state (settle it instead) | contradiction | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "orders"

local args, refusal = read_arguments('fill', 1, { 'id', an_id, 'filled_qty', a_filled_quantity,
  'cost_micros', an_amount })
if not args then return refusal end
if not open_book() then return { 'unknown', 'order', args.id } end
local order = read_order(args.id)
if not order then return reply('unknown', 'order', args.id) end
if FINAL[order.state] then return reply('ended', 'state', order.state) end
if order.state == 'pending' or order.sent_at_ms == 0 then
  return reply('contradiction', 'order', args.id, 'message', 'it was not submitted')
end
local had = order.filled_qty
local wrong = apply_fill(order, args.filled_qty, args.cost_micros)
if wrong then return reply('contradiction', 'order', args.id, 'message', wrong) end
if order.filled_qty == had then return reply('exists') end
write_order(args.id, 'filled_qty', order.filled_qty, 'filled_micros', order.filled_micros,
  'held_micros', order.held_micros, 'held_pool_micros', order.held_pool_micros,
  'held_cash_micros', order.held_cash_micros)
if order.next_qty ~= '' then write_order(args.id, 'next_qty', order.next_qty) end
-- A plan's holding time begins here, even if no host runs the plan.
if had == '0' then redis.call('HSET', PREFIX .. 'order:' .. args.id, 'filled_since_ms', int(now_ms)) end
emit('fill', 'order', args.id, 'symbol', order.symbol, 'plan', order.plan, 'filled_qty', order.filled_qty)
return reply('filled_so_far')
