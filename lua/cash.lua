-- cash: what the broker says can be bought with cash alone; sent at a reconciliation, before `sync`. The
-- broker has already subtracted our working crypto buys, so what they hold is added. A lower limit counts at
-- once, a higher one after two reports, apart_ms apart.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   told_micros   micro-USD; '' to limit nothing
-- ARGV[2]   started_ms    health time at which the reconciliation began (of snapshot)
-- ARGV[3]   apart_ms      ms of health time between two reports
--
-- Reply: told cap_micros ('' for no limit) | exists (older than the last one) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "orders"

local function an_amount_or_none(text)
  if text == '' then return '' end
  return an_amount(text)
end
local args, refusal = read_arguments('cash', 1, { 'told_micros', an_amount_or_none, 'started_ms', an_amount,
  'apart_ms', a_duration })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
load_account({ 'cash_seen_micros', 'cash_seen_ms', 'cash_told_ms' })
if args.told_micros == '' then
  redis.call('HDEL', KEYS[1], 'cap_micros:cash', 'cash_seen_micros', 'cash_seen_ms', 'cash_told_ms')
  account['cap_micros:cash'] = false
  account.news.freed = true
  return reply('told', 'cap_micros', '')
end
if number('cash_told_ms') > args.started_ms then return reply('exists') end

-- The broker may not have subtracted orders sent since it was asked, so these are not added.
local taken_off = 0
for _, id in ipairs(redis.call('SMEMBERS', PREFIX .. 'live')) do
  local order = read_order(id)
  if order and order.held_cash_micros > 0 and (order.state == 'working' or order.state == 'cancelling')
    and (order.sent_at_ms < args.started_ms or order.kind == 'external') then
    taken_off = taken_off + order.held_cash_micros
  end
end
local seen = math.min(args.told_micros + taken_off, MAX_INTEGER)
local cap = account['cap_micros:cash'] and number('cap_micros:cash') or seen
if not account['cash_seen_ms'] then
  cap = seen
elseif args.started_ms - number('cash_seen_ms') >= args.apart_ms then
  cap = math.min(seen, number('cash_seen_micros'))
else
  cap = math.min(cap, seen)
  seen = math.min(seen, number('cash_seen_micros'))
end
if not account['cash_seen_ms'] or args.started_ms - number('cash_seen_ms') >= args.apart_ms then
  set('cash_seen_ms', args.started_ms)
end
set('cash_seen_micros', seen)
set('cash_told_ms', args.started_ms)
set('cap_micros:cash', cap)
account.news.freed = true
return reply('told', 'cap_micros', int(cap))
