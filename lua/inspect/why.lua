-- why: explains an order, a plan or a steal: what it needed and what room there was, which orders were passed
-- over and by which rule, who took whose room, and what would have to change. Of a symbol: what is on record
-- of it; if that is only one plan or order, its explanation.
--
--   redis-cli --eval lua/redis-cli/why.lua ws:{demo}:account , p17
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    ID                     of an order (`p17_1`) or of a plan (`p17`)
--            SYMBOL                 instead of an id: AAPL, BTC/USD
--            STEAL                  instead of an id: a member of the history, `AAPL>MSFT#p17_1`
-- ARGV[..]   json | view            the values as JSON, or the cells of the tables; left out: lines for
--                                   people
--
-- Reads only (EVAL_RO will do). It looks at a few keys for an id, and at no more than 5000 plans for a
-- symbol. Refusals are kept for an hour after the last one, ended orders for the history's age.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "near"
--- @include "why-words"
--- @include "why-steals"
--- @include "why-wishes"
--- @include "why-symbols"

local TAKES = 'the id of an order or of a plan, a symbol, or a steal as the history names it (A>B#id)'
local id = words[1]
if not id then
  return redis.error_reply('USAGE redis-cli --eval lua/redis-cli/why.lua ws:{ACCOUNT}:account , ID; it takes '
    .. TAKES)
end
local is_steal = string.find(id, '^[A-Z0-9.]+>[A-Z0-9.]+#[%w_-]+$') ~= nil
if #id > 160 or not is_steal and string.find(id, '[^%w_./-]') or words[2] then
  return stray(words[2] or id, TAKES)
end

local symbol = symbol_of(id)
local is_known
if is_steal then is_known = explain_steal(id) else is_known = explain_wish(id) end
if not is_known and symbol then is_known = explain_symbol(symbol) end
if not is_known then return redis.error_reply(unknown_words(id, symbol, is_steal)) end
if settings.dry_run == '1' then
  add_sentences('dryRun', 'dry run', { 'Steals are only reported in this account, never carried out.' })
end
return answer()
