-- plans: unfinished plans, those that hold a position first, then by how near they are to their limit; each
-- with its stage, its host, its live order and its last refusal.
--
--   redis-cli --eval lua/redis-cli/plans.lua ws:{demo}:account , waiting AAPL 100
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[..]   json | view            the values as JSON, or the cells of the table; left out: lines for people
--            STAGE                  one of waiting, entering, holding, exiting: only those in it; one of
--                                   done, withdrawn, expired: the latest that ended so; ended: all of these
--            SYMBOL                 only plans of it
--            strategy:NAME          only those of this strategy
--            refused                only those with a refusal on record
--            id:PLAN                only this plan, in any stage; up to 100. With `ended`, each has the
--                                   reason of its end instead of its last refusal
--            LIMIT                  how many are shown, 50 by default, at most 500
--
-- Reads only (EVAL_RO will do). It looks at no more than 5000 plans, until 500 are found; with SYMBOL, at its
-- own plans, where their index is whole (lua/include/plan-symbols.lua).

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "words"
--- @include "format"
--- @include "reply"
--- @include "near"
--- @include "plan-rows"
--- @include "plan-symbols-whole"

local LIMIT = limit_of(50, 500)
local TAKES = 'a stage (waiting, entering, holding, exiting, or done, withdrawn, expired, ended), a symbol, '
  .. 'strategy:NAME, refused, id:PLAN, a limit'
local IDS_LIMIT = 100
local STAGES = { 'waiting', 'entering', 'holding', 'exiting', 'done', 'withdrawn', 'expired', 'ended' }
local MEANT = { 'refused', unpack(STAGES) }
local stage, symbol, strategy, refused
local ids = {}
for _, word in ipairs(words) do
  local named, id = string.match(word, '^strategy:([%w_-]+)$'), string.match(word, '^id:([%w_-]+)$')
  if id and #ids < IDS_LIMIT then
    ids[#ids + 1] = id
  elseif is_one_of(word, STAGES) and not stage then
    stage = word
  elseif named and not strategy then
    strategy = named
  elseif word == 'refused' and not refused then
    refused = true
  elseif is_typo(word, MEANT) or symbol or not symbol_of(word) then
    return stray(word, TAKES)
  else
    symbol = symbol_of(word)
  end
end

local ended = stage ~= nil and (stage == 'ended' or ENDED_STAGES[stage] ~= nil)
local LOOK = 5000
local index = ended and 'plans_done' or 'plans'
local found, looked, all
if #ids > 0 then
  found, looked, all = known_plans(ids), #ids, #ids
else
  found, looked, all = find_plans(index, LOOK, { stage = stage ~= 'ended' and stage or nil, symbol = symbol,
    strategy = strategy, refused = refused })
  if not ended then sort_plans(found, LIMIT) end
end

local rows = {}
for i = 1, math.min(LIMIT, #found) do rows[i] = plan_row(found[i].id, ended) end
-- Where all that it might look at are wanted, those that it did not look at count, too.
local are_all_wanted = #ids == 0 and not strategy and not refused
  and (stage == 'ended' and not symbol or not stage and (not symbol or is_plan_index_whole()))
local count = #found + (are_all_wanted and all - looked or 0)
local more = count - #rows
local title = (stage and stage .. ' ' or '') .. 'plans' .. (symbol and ' of ' .. symbol or '')
  .. (strategy and ' of strategy ' .. strategy or '') .. (refused and ' that were refused' or '')
  .. string.format(': %d of %.0f', #rows, count)
  .. (looked < all and ' (' .. int(looked) .. ' of ' .. int(all) .. ' examined)' or '')
add_table('plans', title, plan_columns(ended), rows, more)
values[#values + 1] = { 'more', more }
return answer()
