-- halt: stops admission; cancels, fills and settlements go on.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   reason   text for the record
--
-- Reply: halted | exists | unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "events"

local args, refusal = read_arguments('halt', 1, { 'reason', any_text })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local state = 'halted'
if account['state'] == state then return reply('exists') end
set('state', state)
set('halt_reason', args.reason)
emit('halted', 'reason', args.reason)
return reply('halted')
