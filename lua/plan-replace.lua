-- plan-replace: files a plan in place of the last one of its strategy on this symbol and side, which is
-- withdrawn in the same step. A filled position keeps its exit. Repeating the same terms before the plan
-- expires changes nothing, even if the plan has ended.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id              [A-Za-z0-9_-]{1,41}; from the second plan of this place on, a number is appended;
--                           what precedes its last dash names the place
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
-- ARGV[13]  strategy        the one that asks
-- ARGV[14]  fill_probability   decimal from 0 to 1: that its limit trades, as forecasted
-- ARGV[15]  terms           what was asked for, in one word; equal terms are the same plan
--
-- Reply: filed id replaced ('' or the id before) how (withdrawn | asked | ended | none) stopped_by ('' or who
-- had withdrawn or closed the plan before by hand) | kept id | unknown (no such account) | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "barring"
--- @include "places"
--- @include "paces"
--- @include "plans"
--- @include "sides"

-- The new plan takes over the bar of the one it replaces, now and in future (replaced_by).
local function hand_bar_on(from, to)
  if redis.call('EXISTS', PREFIX .. 'plan:' .. from) == 1 then
    redis.call('HSET', PREFIX .. 'plan:' .. from, 'replaced_by', to)
  end
  if number('barred') == 0 then return end
  local bar = redis.call('HGETALL', PREFIX .. 'bar:' .. from)
  if #bar == 0 then return end
  redis.call('HSET', PREFIX .. 'bar:' .. to, unpack(bar))
  redis.call('ZADD', PREFIX .. 'bars', redis.call('ZSCORE', PREFIX .. 'bars', from) or int(now_ms), to)
  drop_bar(from)
  count_bars()
end

-- It also takes over the pace of attempts and the count of refusals: with new terms it may try at once, but
-- not more often.
local function hand_pace_on(from, to)
  local due_ms, refused, paused_until_ms = unpack(redis.call('HMGET', PREFIX .. 'plan:' .. from,
    'entry_due_ms', 'refused', 'paused_until_ms'))
  redis.call('HSET', PREFIX .. 'plan:' .. to, 'entry_due_ms', int(begin_attempt(tonumber(due_ms))))
  if refused then
    redis.call('HSET', PREFIX .. 'plan:' .. to, 'refused', refused, 'paused_until_ms', paused_until_ms or '0')
  end
end

-- After the ledger was lost, an expiry such as 4h gives a forecast another id than before. If the place is
-- new here, and a live order without a plan carries its name, the plan takes that order's id: it would enter
-- a second time otherwise. Looks at ORPHANS_LIMIT orders.
local ORPHANS_LIMIT = 16

local function orphaned_plan(place, wanted)
  local name = place.count == 0 and string.match(wanted.id, '^(.*%-)[^-]+$')
  for _, order in ipairs(name and live_of(wanted.symbol, wanted.side, name, ORPHANS_LIMIT) or {}) do
    local nth = string.match(string.sub(order, #wanted.id + 1), '^%-?(%d*)_%d+$')
    if nth and redis.call('HGET', PREFIX .. 'order:' .. order, 'plan') == '' then
      return string.match(order, '^(.*)_'), tonumber(nth) or 1
    end
  end
end

local args, refusal = read_arguments('plan-replace', 1, { 'id', an_id, 'symbol', a_symbol, 'side', a_side,
  'mode', a_mode, 'limit', a_price, 'qty', a_quantity, 'pnl', a_pnl, 'pool', a_pool,
  'take_profit', a_price_or_none, 'starts_at_ms', an_amount, 'expires_at_ms', an_amount,
  'hold_ms', a_duration, 'strategy', an_id, 'fill_probability', a_probability,
  'terms', an_id })
if not args then return refusal end
if #args.id > 41 then return invalid('plan-replace', 'id', args.id, 'at most 41 characters') end
if args.terms == '-' then return invalid('plan-replace', 'terms', args.terms, 'a word') end
local _, whole, nanos = split_decimal(args.qty)
if not notional(args.limit, whole, nanos) then
  return invalid('plan-replace', 'qty', args.qty, 'limit x qty below 2^53 micro-USD')
end
if not open_book() then return { 'unknown', 'account', PREFIX } end
if not has_pool(args.pool) then
  return reply(unpack(invalid('plan-replace', 'pool', args.pool, 'a pool of the account')))
end

local place = read_place(args.strategy, args.symbol, args.side, args.id)
if place.terms == args.terms and (place.expires_at_ms == 0 or now_ms < place.expires_at_ms) then
  return reply('kept', 'id', place.id)
end
local id, count = orphaned_plan(place, args)
if not id then
  count = place.count + 1
  id = count == 1 and args.id or args.id .. '-' .. int(count)
end
if #id > 48 or redis.call('EXISTS', PREFIX .. 'plan:' .. id) == 1 then
  return reply(unpack(invalid('plan-replace', 'id', id,
    'an id that no plan has, with its number at most 48 characters')))
end
local stopped_by = place.id ~= '' and redis.call('HGET', PREFIX .. 'plan:' .. place.id, 'stopped_by') or ''
local how = vacate(place, 'replaced')
store_plan(id)
if place.id ~= '' then
  hand_bar_on(place.id, id)
  hand_pace_on(place.id, id)
end
write_place(args.strategy, args.symbol, args.side, count, args.terms, id, args.expires_at_ms)
return reply('filed', 'id', id, 'replaced', how == 'none' and '' or place.id, 'how', how,
  'stopped_by', stopped_by)
