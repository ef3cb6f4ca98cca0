-- recall: gives a lost ledger the ids of the orders that the broker has had, so that no plan repeats an
-- attempt. The highest attempt of each series counts (I6). An order's id is its series and a number:
-- `plan_3`, `plan_x1`.
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    first   1: forget the ids recalled before; 0: add to them
-- ARGV[2..]  id      client order ids, at most 1000; those of another form are ignored
--
-- Reply: recalled series (how many are known now) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "series"
--- @include "book"

local args, refusal = read_arguments('recall', 1, { 'first', a_flag }, #ARGV)
if not args then return refusal end
if #ARGV > 1001 then return invalid('recall', 'id', tostring(#ARGV - 1), 'at most 1000 orders a call') end
local highest = {}
for i = 2, #ARGV do
  local _, expected = an_id(ARGV[i])
  if expected then return invalid('recall', 'id', ARGV[i], expected) end
  local series, attempt = series_of(ARGV[i])
  if series then highest[series] = math.max(highest[series] or 0, attempt) end
end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local key = PREFIX .. 'attempts'
if args.first then redis.call('DEL', key) end
for series, attempt in pairs(highest) do
  local before = tonumber(redis.call('HGET', key, series) or 0)
  if attempt > before then redis.call('HSET', key, series, int(attempt)) end
end
set('recalled', redis.call('HLEN', key))
return reply('recalled', 'series', int(number('recalled')))
