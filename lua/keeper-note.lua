-- keeper-note: what the active keeper found at the broker that does not count, or perhaps not in full; or why
-- its reconciliation failed; or that it waits for what was sent before a loss. For `status`; no rule reads
-- it.
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    failure   why it failed; '' when it succeeded, or waits
-- ARGV[2]    wait_ms   how long it waits (health time) until it reconciles a lost ledger; 0: it does not
-- ARGV[3]    counted_micros   what the broker's own answers add up to; unused when it failed or waits
-- ARGV[4..]  id, what (order | position), symbol, counts (0: nothing, 1: perhaps too little), why: of each
--            item, at most 100; none when it failed or waits
--
-- Reply: noted | unknown (no such account) | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "oddities"

local function a_kind_of_item(text)
  if text ~= 'order' and text ~= 'position' then return nil, 'order or position' end
  return text
end
local ITEM = { 'id', any_text, 'what', a_kind_of_item, 'symbol', any_text, 'counts', a_flag, 'why', any_text }
local args, refusal = read_arguments('keeper-note', 1,
  { 'failure', any_text, 'wait_ms', a_duration, 'counted_micros', an_amount }, #ARGV)
if not args then return refusal end
if (#ARGV - 3) % 5 ~= 0 or #ARGV > 503 then
  return invalid('keeper-note', 'ARGV', tostring(#ARGV),
    'after counted_micros five arguments an item, at most 100 items')
end
local items = {}
for i = 4, #ARGV, 5 do
  local item, wrong = read_arguments('keeper-note', i, ITEM, #ARGV)
  if not item then return wrong end
  items[#items + 1] = item
end
if not open_book() then return { 'unknown', 'account', PREFIX } end
if args.failure ~= '' then
  note_failure(args.failure)
elseif args.wait_ms > 0 then
  redis.call('HSET', KEYS[1], 'loss_wait_until_ms', int(health_ms + args.wait_ms))
else
  end_failures()
  redis.call('HSET', KEYS[1], 'counted_micros', int(args.counted_micros))
  note_oddities(items)
end
return reply('noted')
