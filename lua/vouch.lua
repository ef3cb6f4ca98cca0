-- vouch: a person confirms that the account of the keeper's keys is the right one. The next reconciliation
-- binds the ledger to it. Orders that were sent before now and that the broker does not know have ended.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   reason   one word for the record
--
-- Reply: vouched was (the account number before, or '') | unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "closures"

local args, refusal = read_arguments('vouch', 1, { 'reason', any_text })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local was = redis.call('HGET', KEYS[1], 'broker_account') or ''
set('broker_account', '')
set('vouched_ms', health_ms)
reopen_account('account')
emit('vouched', 'number', was, 'reason', args.reason)
return reply('vouched', 'was', was)
