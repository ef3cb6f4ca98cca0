-- resume: ends a halt.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   reason   text for the record
--
-- Reply: resumed | exists | unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "events"

local args, refusal = read_arguments('resume', 1, { 'reason', any_text })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local state = 'running'
if account['state'] == state then return reply('exists') end
set('state', state)
set('halt_reason', args.reason)
emit('resumed', 'reason', args.reason)
return reply('resumed')
