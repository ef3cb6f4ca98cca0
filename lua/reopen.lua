-- reopen: ends one cause for which the account was closed.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   cause   broker | account | fleet | fault
--
-- Reply: reopened | exists (not closed for this cause) | unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "closures"

local args, refusal = read_arguments('reopen', 1, { 'cause', a_cause })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
if not reopen_account(args.cause) then return reply('exists') end
return reply('reopened')
