-- plan-drop: a strategy asks for nothing on this symbol and side any more. Its plan there is withdrawn; a
-- filled position keeps its exit.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   strategy   the one whose plan it is
-- ARGV[2]   symbol     one spelling
-- ARGV[3]   side       buy | sell
-- ARGV[4]   id         its plan; if another plan has the place by now, nothing changes
-- ARGV[5]   reason     one word for the record
--
-- Reply: withdrawn | asked (a host holds it) | ended (before) | none (the place is free, or another plan's) |
-- unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "places"

local args, refusal = read_arguments('plan-drop', 1, { 'strategy', an_id, 'symbol', a_symbol, 'side', a_side,
  'id', an_id, 'reason', any_text })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local place = read_place(args.strategy, args.symbol, args.side)
if place.id ~= args.id then return reply('none') end
local how = vacate(place, args.reason)
if how == 'none' then return reply('none') end
write_place(args.strategy, args.symbol, args.side, place.count, '-', place.id, 0)
if how == 'withdrawn' then return reply('withdrawn') end
if how == 'asked' then return reply('asked') end
return reply('ended')
