-- account-told: records the broker's account report: does the account take orders, and what conflicts with
-- the settings?
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   shut       why the account takes no orders, in the broker's words; '' when it takes them
-- ARGV[2]   warnings   for people, joined by `; `; '' for none
--
-- Reply: closed | reopened (an earlier report had closed it) | exists (nothing new) | unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "closures"

local args, refusal = read_arguments('account-told', 1, { 'shut', any_text, 'warnings', any_text })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
load_account({ 'shut_told', 'broker_warnings' })
if args.warnings ~= (account['broker_warnings'] or '') then set('broker_warnings', args.warnings) end
if args.shut ~= '' then
  set('shut_told', 1)
  if not close_account('broker', args.shut) then return reply('exists') end
  return reply('closed')
end
if account['shut_told'] ~= '1' then return reply('exists') end
set('shut_told', 0)
if not reopen_account('broker') then return reply('exists') end
return reply('reopened')
