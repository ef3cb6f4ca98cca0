-- bind: ties a ledger to one account at the broker, that of its first reconciliation. Keys of another account
-- close it, and nothing is rebuilt from them (I8).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   number   the number of the account that the caller's keys belong to
--
-- Reply: bound | exists (bound to this account before) | other bound (bound to that account: closed) |
-- unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "events"
--- @include "closures"

local args, refusal = read_arguments('bind', 1, { 'number', an_id })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local bound = redis.call('HGET', KEYS[1], 'broker_account') or ''
if bound == args.number then return reply('exists') end
if bound == '' then
  set('broker_account', args.number)
  emit('bound', 'number', args.number)
  return reply('bound')
end
close_account('account',
  'the keys are of account ' .. args.number .. ', the ledger is kept for account ' .. bound)
return reply('other', 'bound', bound)
