-- adopt: the broker has a live order that the ledger does not know, or considers ended: placed by hand, or
-- from before the ledger lost its data (I7, I8). It counts from now on and is never a victim.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id             the client order id
-- ARGV[2]   broker_id      the broker's id of the order
-- ARGV[3]   symbol         one spelling
-- ARGV[4]   side           buy | sell
-- ARGV[5]   limit          decimal USD; the most that a unit is worth
-- ARGV[6]   qty            decimal units
-- ARGV[7]   filled_qty     decimal units filled so far
-- ARGV[8]   filled_micros  what they cost; sync counts them as a position
-- ARGV[9]   pool           '' or its own pool
-- ARGV[10]  reducing       1: it reduces a position and counts nothing
-- ARGV[11]  started_ms     health time at which the broker was asked
-- ARGV[12]  replacing      1: it continues an order with this id, which it replaced at the broker (amend)
-- ARGV[13]  before_qty     decimal units filled by the orders before it; filled_qty and qty include them
-- ARGV[14]  before_micros  what they cost
-- ARGV[15]  leg            1: the broker reserves no units for it (a leg that waits, the other leg of an
--                          OCO): it does not limit other exits
-- ARGV[16]  type           limit | stop_limit | market | stop | trailing_stop
--
-- Reply: adopted | exists state | deferred (it ended here after the broker was asked) | unknown (no such
-- account) | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "exits"
--- @include "sides"
--- @include "cash"
--- @include "orders"
--- @include "shorts"

local args, refusal = read_arguments('adopt', 1, { 'id', an_id, 'broker_id', any_text, 'symbol', a_symbol,
  'side', a_side, 'limit', a_price, 'qty', a_quantity, 'filled_qty', a_filled_quantity,
  'filled_micros', an_amount, 'pool', a_pool, 'reducing', a_flag, 'started_ms', an_amount,
  'replacing', a_flag, 'before_qty', a_filled_quantity, 'before_micros', an_amount, 'leg', a_flag,
  'type', an_order_type })
if not args then return refusal end
local _, whole, nanos = split_decimal(args.qty)
local _, filled_whole, filled_nanos = split_decimal(args.filled_qty)
if quantity_compare(filled_whole, filled_nanos, whole, nanos) >= 0 then
  return invalid('adopt', 'filled_qty', args.filled_qty, 'less than qty: a live order is not full')
end
local left = notional(args.limit, quantity_minus(whole, nanos, filled_whole, filled_nanos))
if not left then return invalid('adopt', 'qty', args.qty, 'limit x qty below 2^53 micro-USD') end
if not open_book() then return { 'unknown', 'account', PREFIX } end
if not has_pool(args.pool) then
  return reply(unpack(invalid('adopt', 'pool', args.pool, 'a pool of the account')))
end
local order = read_order(args.id)
if order and not FINAL[order.state] then return reply('exists', 'state', order.state) end
if order and tonumber(redis.call('HGET', PREFIX .. 'order:' .. args.id, 'updated_ms')) >= args.started_ms then
  return reply('deferred')
end

-- A sale that opens a short position may still fill above its limit; without a fresh price it counts at its
-- limit.
local price = args.side == 'sell' and not args.reducing and short_price(args.symbol, args.limit, true)
  or args.limit
local held = args.reducing and 0 or notional(price, quantity_minus(whole, nanos, filled_whole, filled_nanos))
  or MAX_INTEGER
if not is_countable(held) then
  return reply(unpack(invalid('adopt', 'qty', args.qty,
    'limit x qty that adds up with all that counts to less than 2^53 micro-USD')))
end
add_orders('total', held)
if args.pool ~= '' then add_orders(args.pool, held) end
local cash = needs_cash({ side = args.side, kind = args.reducing and 'exit' or 'external',
  symbol = args.symbol }) and held or 0
add('orders_micros:cash', cash)
redis.call('SADD', PREFIX .. 'live', args.id)
add_side(args)
if args.reducing and not args.leg then
  add_exit(args, quantity_minus(whole, nanos, filled_whole, filled_nanos))
end
redis.call('ZREM', PREFIX .. 'ended', args.id)
redis.call('HDEL', PREFIX .. 'order:' .. args.id, 'amended_ms', 'next_broker_id', 'next_limit', 'next_qty',
  'next_id', 'next_until_ms')
write_order(args.id, 'id', args.id, 'symbol', args.symbol, 'side', args.side,
  'kind', args.reducing and 'exit' or 'external', 'mode', 'normal', 'pool', args.pool, 'limit', ARGV[5],
  'qty', args.qty, 'pnl', '0', 'owner', '', 'plan', '', 'state', 'working', 'need_micros', held,
  'held_micros', held, 'held_pool_micros', args.pool == '' and 0 or held, 'held_cash_micros', cash,
  'hold_nanos', price > args.limit and int(price) or '',
  'filled_qty', quantity_text(filled_whole, filled_nanos), 'filled_micros', args.filled_micros,
  'created_at_ms', now_ms, 'rank', '', 'edge_nanos', '', 'sent_at_ms', health_ms, 'broker_id', args.broker_id,
  'robbed_by', '', 'before_qty', args.before_qty, 'before_micros', args.before_micros,
  'leg', args.reducing and args.leg and '1' or '', 'type', args.type)
if args.replacing then
  write_order(args.id, 'amended_ms', health_ms)
  redis.call('HSET', PREFIX .. 'successors', args.broker_id, args.id)
end
emit('adopted', 'order', args.id, 'symbol', args.symbol)
return reply('adopted')
