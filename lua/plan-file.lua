-- plan-file: files a plan for a watcher to lease and carry out. Filing it again changes nothing.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id              [A-Za-z0-9_-]{1,48}; a suffix is appended to it
-- ARGV[2]   symbol          one spelling
-- ARGV[3]   side            buy | sell
-- ARGV[4]   mode            normal | probe
-- ARGV[5]   limit           decimal USD
-- ARGV[6]   qty             decimal units
-- ARGV[7]   pnl             decimal USD, forecasted
-- ARGV[8]   pool            '' or its own pool
-- ARGV[9]   take_profit     decimal USD at which a filled entry is closed; '' for none
-- ARGV[10]  starts_at_ms    ledger time before which it does nothing; 0: at once
-- ARGV[11]  expires_at_ms   ledger time after which its entry is withdrawn; 0: never
-- ARGV[12]  hold_ms         ms of ledger time after which a filled position is closed at the market; 0: never
-- ARGV[13]  strategy        the one that asked, for the record
-- ARGV[14]  fill_probability   decimal from 0 to 1: that its limit trades, as forecasted
--
-- Reply: filed | exists stage | unknown (no such account) | contradiction (the id is another plan's) |
-- invalid

--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "plans"
--- @include "plan-symbols"

local args, refusal = read_arguments('plan-file', 1, { 'id', an_id, 'symbol', a_symbol, 'side', a_side,
  'mode', a_mode, 'limit', a_price, 'qty', a_quantity, 'pnl', a_pnl, 'pool', a_pool,
  'take_profit', a_price_or_none, 'starts_at_ms', an_amount, 'expires_at_ms', an_amount,
  'hold_ms', a_duration, 'strategy', any_text, 'fill_probability', a_probability })
if not args then return refusal end
if #args.id > 48 then return invalid('plan-file', 'id', args.id, 'at most 48 characters') end
local _, whole, nanos = split_decimal(args.qty)
if not notional(args.limit, whole, nanos) then
  return invalid('plan-file', 'qty', args.qty, 'limit x qty below 2^53 micro-USD')
end
if not open_book() then return { 'unknown', 'account', PREFIX } end
if not has_pool(args.pool) then
  return reply(unpack(invalid('plan-file', 'pool', args.pool, 'a pool of the account')))
end

local key = PREFIX .. 'plan:' .. args.id
local old = redis.call('HMGET', key, 'stage', unpack(PLAN_FIELDS))
if old[1] then
  for i = 1, #PLAN_FIELDS do
    -- A plan of an earlier version has no probability: 1.
    if (old[i + 1] or '1') ~= ARGV[i + 1] then
      return reply('contradiction', 'order', args.id, 'message', 'the plan has another ' .. PLAN_FIELDS[i])
    end
  end
  -- Puts it back on the list of plans, in case that was lost.
  if not redis.call('HGET', key, 'ended_at_ms') then
    local is_back = redis.call('ZADD', PREFIX .. 'plans', 'NX', '0', args.id) == 1
    if is_back then index_plan(args.id, args.symbol) end
  end
  return reply('exists', 'stage', old[1])
end
store_plan(args.id)
return reply('filed')
