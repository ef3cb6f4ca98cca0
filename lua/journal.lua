-- journal: somebody listens to what decisions see, or goes on listening. While it does, each decision about
-- an entry writes what it saw (lua/include/seen.lua). That ends by itself.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   lasts_ms   ms of health time; 0: nobody listens any more
--
-- Reply: listening seq (how many decisions were written so far) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"

local args, refusal = read_arguments('journal', 1, { 'lasts_ms', a_duration })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
set('recorded_until_ms', args.lasts_ms == 0 and 0 or health_ms + args.lasts_ms)
return reply('listening', 'seq', int(tonumber(account['journal_seq']) or 0))
