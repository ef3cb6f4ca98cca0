-- cancel: a watcher takes its own order off the broker, or a person any order: working -> cancelling. The
-- cancellation is recorded in the outbox in the same step (I9). The order counts until the broker confirms
-- its end (I4). With the reason `by_hand` it ends like an order that a person cancelled at the broker.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id       the order
-- ARGV[2]   reason   one word for the record
-- ARGV[3]   by       the person or bot who asks, such as user@host or NAME@api; '' for the watcher
-- ARGV[4]   traceparent   '' or the span in which it was asked for; the outbox entry keeps it
--
-- Reply: cancelling | exists state | not_working state (a reservation: release it) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "traceparent"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "ranking"
--- @include "orders"

local args, refusal = read_arguments('cancel', 1, { 'id', an_id, 'reason', any_text, 'by', a_person,
  'traceparent', a_traceparent })
if not args then return refusal end
if not open_book() then return { 'unknown', 'order', args.id } end
local order = read_order(args.id)
if not order then return reply('unknown', 'order', args.id) end
if FINAL[order.state] or order.state == 'cancelling' then return reply('exists', 'state', order.state) end
if order.state ~= 'working' then return reply('not_working', 'state', order.state) end
if order.rank ~= '' then untrack(order) end
local traced = args.traceparent == '' and {} or { 'traceparent', args.traceparent }
local outbox = redis.call('XADD', PREFIX .. 'outbox', '*', 'cancel', args.id, 'victims', args.id,
  'at_ms', int(health_ms), unpack(traced))
write_order(args.id, 'state', 'cancelling', 'rank', '', 'cancel_asked_ms', health_ms,
  'cancel_reason', args.reason, 'cancel_by', args.by, 'outbox', outbox)
emit('cancelling', 'order', args.id, 'symbol', order.symbol, 'plan', order.plan, 'reason', args.reason,
  'by', args.by, 'held_micros', int(order.held_micros))
return reply('cancelling')
