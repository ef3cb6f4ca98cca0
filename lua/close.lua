-- close: stops admission for one cause, beside any others. Exits, cancels, fills and settlements go on.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   cause   broker | account | fleet | fault
-- ARGV[2]   words   a description for people, 1 to 256 characters
--
-- Reply: closed | exists (closed for this cause before; the words are updated) | unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "closures"

local args, refusal = read_arguments('close', 1, { 'cause', a_cause, 'words', any_text })
if not args then return refusal end
if args.words == '' then return invalid('close', 'words', '', 'what a person reads of it') end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local is_new
if args.cause == 'fault' then
  is_new = damage_account(args.words)
else
  is_new = close_account(args.cause, args.words)
end
if not is_new then return reply('exists') end
return reply('closed')
