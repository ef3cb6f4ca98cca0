-- account-refused: the broker refused an order because it takes none of the account. The account is closed
-- for entries (cause `broker`) until a probe goes through (lua/include/closures.lua).
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   id      the order; its sender settles it
-- ARGV[2]   words   the broker's own, 1 to 256 characters
--
-- Reply: closed | exists (closed before, or the order has ended) | unknown | invalid

--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "closures"
--- @include "orders"

local args, refusal = read_arguments('account-refused', 1, { 'id', an_id, 'words', any_text })
if not args then return refusal end
if args.words == '' then return invalid('account-refused', 'words', '', "the broker's words") end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local order = read_order(args.id)
if order and FINAL[order.state] then return reply('exists') end
if not refused_for_account(args.id, args.words) then return reply('exists') end
return reply('closed')
