-- halt: stops admission; cancels, fills and settlements go on. A further reason, while the account is halted,
-- is recorded beside the first.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   reason     text for the record
-- ARGV[2]   by         the person, such as user@host; '' if unknown
-- ARGV[3]   since_ms   ledger time of a halt that a lost ledger has forgotten; 0: now
--
-- Reply: halted | noted (it was halted; the reason is new) | exists | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "halts"

local args, refusal = read_arguments('halt', 1, { 'reason', any_text, 'by', a_person, 'since_ms', an_amount })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local at_ms = args.since_ms == 0 and now_ms or math.min(args.since_ms, now_ms)
local noted = is_halt_noted(args.by, args.reason)
if account['state'] == 'halted' then
  if noted then return reply('exists') end
  note_halt('halted', at_ms, args.by, args.reason)
  emit('halt_noted', 'reason', args.reason, 'by', args.by, 'since_ms', int(at_ms))
  return reply('noted')
end
set('state', 'halted')
set('halt_reason', args.reason)
save_account()
if not noted then note_halt('halted', at_ms, args.by, args.reason) end
emit('halted', 'reason', args.reason, 'by', args.by, 'since_ms', int(at_ms))
return reply('halted')
