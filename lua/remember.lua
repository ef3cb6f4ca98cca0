-- remember: adds a past steal to the history: when an account moves here from elsewhere, and for what-if.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id              of the steal
-- ARGV[2]   thief_symbol    the symbol that took room
-- ARGV[3]   victim_symbol   the symbol that lost it
-- ARGV[4]   at_ms           ledger time, not in the future
-- ARGV[5]   held_micros     micro-USD that it took; 0 if that is not known
--
-- Reply: remembered | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "book"
--- @include "ranking"
--- @include "fights"
--- @include "taken"

local args, refusal = read_arguments('remember', 1, { 'id', an_id, 'thief_symbol', a_symbol,
  'victim_symbol', a_symbol, 'at_ms', an_amount, 'held_micros', an_amount })
if not args then return refusal end
if args.thief_symbol == args.victim_symbol then
  return invalid('remember', 'victim_symbol', args.victim_symbol, 'another symbol than the thief')
end
if not open_book() then return { 'unknown', 'account', PREFIX } end
if args.at_ms > now_ms then
  return reply(unpack(invalid('remember', 'at_ms', ARGV[4], 'not later than now')))
end
local settings = read_settings('cooldown_ms', 'fight_threshold', 'fight_window_ms', 'fight_cooldown_ms',
  unpack(OFTEN_ROBBED_SETTINGS))
remember_steal(args.id, args.thief_symbol, args.victim_symbol, args.at_ms, settings)
local taken = args.id .. '#' .. args.victim_symbol
if args.held_micros > 0 and not is_taken(taken, args.at_ms) then
  record_taken(taken, args.held_micros, args.at_ms)
end
-- Past steals may come in any order: each steal up to a window later may now complete a fight.
local key = PREFIX .. 'fight:' .. pair_of(args.thief_symbol, args.victim_symbol)
local later = redis.call('ZRANGEBYSCORE', key, int(args.at_ms), int(args.at_ms + settings.fight_window_ms),
  'WITHSCORES', 'LIMIT', '0', '1000')
for i = 2, #later, 2 do
  local at_ms = tonumber(later[i])
  if redis.call('ZCOUNT', key, int(at_ms - settings.fight_window_ms),
    int(at_ms)) >= settings.fight_threshold then
    start_fight(args.thief_symbol, args.victim_symbol, at_ms, settings)
  end
end
refresh_symbol(args.victim_symbol)
return reply('remembered')
