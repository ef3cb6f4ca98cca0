-- resume: ends a halt.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   reason   text for the record
-- ARGV[2]   by       the person, such as user@host; '' if unknown
--
-- Reply: resumed | exists | unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "halts"

local args, refusal = read_arguments('resume', 1, { 'reason', any_text, 'by', a_person })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
if account['state'] == 'running' then return reply('exists') end
set('state', 'running')
set('halt_reason', args.reason)
account.news.freed = true
note_halt('resumed', now_ms, args.by, args.reason)
emit('resumed', 'reason', args.reason, 'by', args.by)
return reply('resumed')
