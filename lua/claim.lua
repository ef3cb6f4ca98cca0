-- claim: a plan takes back its own order that was found at the broker (adopt). It counts as before and
-- carries the plan's forecast; a working entry may be a victim again (I3, I7).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   plan   the plan
-- ARGV[2]   id     the order: an entry `plan_3` or an exit `plan_x1` of it
--
-- Reply: claimed | exists | foreign (its series, symbol, side or plan is another) | unknown (no such order or
-- plan, or it ended) | invalid

--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "events"
--- @include "exits"
--- @include "cash"
--- @include "orders"

local args, refusal = read_arguments('claim', 1, { 'plan', an_id, 'id', an_id })
if not args then return refusal end
if not open_book() then return { 'unknown', 'order', args.id } end
local order = read_order(args.id)
local plan = redis.call('HMGET', PREFIX .. 'plan:' .. args.plan, 'symbol', 'side', 'mode', 'pnl', 'pool',
  'ended_at_ms', 'fill_probability')
if not order or FINAL[order.state] or not plan[1] or plan[6] then
  return reply('unknown', 'order', args.id)
end
if order.plan == args.plan then return reply('exists') end
local series, mark = string.match(args.id, '^(.+)_(x?)%d+$')
local is_exit = mark == 'x'
if order.plan ~= '' or series ~= args.plan or order.symbol ~= plan[1]
  or (order.side == plan[2]) == is_exit then
  return reply('foreign')
end
local pnl = a_pnl(plan[4] or '') and plan[4] or '0'
local fill_probability = a_probability(plan[7] or '') or '1'
local mode = plan[3] == 'probe' and 'probe' or 'normal'
if is_exit then
  write_order(args.id, 'plan', args.plan, 'mode', mode, 'pnl', pnl)
  emit('claimed', 'order', args.id, 'symbol', order.symbol, 'plan', args.plan)
  return reply('claimed')
end

local was = order.kind
order.kind = 'entry'
local counts = unfilled_micros(order)
if not is_countable(math.max(0, counts - order.held_micros)) then return reply('foreign') end
if was == 'exit' then drop_exit(order, unfilled_of(order)) end
local pool = plan[5] or ''
hold(order, 0, 0, 0)
if has_pool(pool) then order.pool = pool end
hold(order, counts, order.pool == '' and 0 or counts, needs_cash(order) and counts or 0)
order.plan, order.mode, order.pnl, order.fill_probability = args.plan, mode, pnl, fill_probability
local edge, rank = offer(order)
write_order(args.id, 'plan', args.plan, 'mode', mode, 'pnl', pnl, 'fill_probability', fill_probability,
  'pool', order.pool, 'kind', 'entry', 'held_micros', order.held_micros,
  'held_pool_micros', order.held_pool_micros, 'held_cash_micros', order.held_cash_micros, 'edge_nanos', edge,
  'rank', rank)
emit('claimed', 'order', args.id, 'symbol', order.symbol, 'plan', args.plan)
return reply('claimed')
