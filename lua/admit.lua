-- admit: reserves room for an order if it fits in its pool and in total; else says whether it may try to
-- steal. (I1, I6, I8; docs/rules.md, 4.) Takes no mutex.
--
-- KEYS[1]   ws:{account}:account   hash   the account; the other keys are built from its prefix, in its slot
-- ARGV[1]   id          the order, [A-Za-z0-9_-]{1,64}
-- ARGV[2]   symbol      one spelling: A-Z, 0-9 and .
-- ARGV[3]   side        buy | sell
-- ARGV[4]   kind        entry | exit (an exit closes what is held: it needs no room, and is judged against
--                       the position)
-- ARGV[5]   mode        normal | probe
-- ARGV[6]   limit       decimal USD
-- ARGV[7]   qty         decimal units
-- ARGV[8]   pnl         decimal USD, forecasted
-- ARGV[9]   pool        '' or the order's own pool
-- ARGV[10]  owner       the host that renews its lease
-- ARGV[11]  plan        '' or the plan it came from, [A-Za-z0-9_-]{1,64}
-- ARGV[12]  lease_ms    ms of health time until the reservation must be sent or renewed
-- ARGV[13]  server_id   `<run id>:<replication id>` of the Redis server that the caller believes it talks to
-- ARGV[14]  untakeable  '' or why the broker would not take the order, as the host knows: a word, a blank,
--                       what a person reads
-- ARGV[15]  pool_rule   of the host's settings, which must be the account's for an entry, or it would count
--                       in other pools; '' where they are not compared (what-if, tests)
--
-- Reply: {outcome, field, value, ...}
--   fits | exists state | superseded by (the latest order of its plan, to be gone on with) | blocked (no
--   room, may steal) | halted | closed | unsynced | opposite | untakeable | disabled | no_price |
--   not_close_enough
--   | barred | no_position | unconfirmed (ask the broker what is held, and confirm) | contradiction | invalid
--   all but exists, superseded, contradiction and invalid with need_micros, room_micros[, pool_room_micros][,
--   cash_room_micros]; closed also with cause, words; untakeable with why, words; disabled also with why:
--   pools_differ; opposite with by, by_plan, held_qty (lua/include/sides.lua); barred with until_ms,
--   barred_times, cause, bar_reason (lua/include/bars.lua); no_position with held_qty, exits_qty (of live
--   exits), asked_qty; unconfirmed with confirmed_ms (health time of the last word)
-- A refusal is also kept in refusal:<plan or id> for an hour (lua/include/refusals.lua).

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "closures"
--- @include "attempt"

local wish, refusal = read_wish('admit', 2)
if not wish then return refusal end
local untakeable = ARGV[14]
if not untakeable or not any_text(untakeable) then
  return invalid('admit', 'untakeable', untakeable or '', 'why the broker would not take it, or empty')
end
local pool_rule = ARGV[15]
if not pool_rule or not any_text(pool_rule) then
  return invalid('admit', 'pool_rule', pool_rule or '', 'of the settings, or empty')
end
if not open_book() then return { 'unsynced', 'need_micros', int(wish.need_micros), 'room_micros', '0' } end
local before = known(wish)
if before then return before end
-- An entry of a host that compares its pools is refused like any other.
local pools_differ = wish.kind == 'entry' and pool_rule ~= ''
  and (pool_rule ~= (account['pool_rule'] or pool_rule) or not has_pool(wish.pool))
local pool_fault = not pools_differ and refuse_pool(wish, 'admit')
if pool_fault then return pool_fault end

local early = refuse_early(wish, true)
if early then return early end
if untakeable ~= '' then return refuse_untakeable(wish, untakeable) end
if pools_differ then return refuse(wish, 'disabled', 'why', 'pools_differ') end
local unpriced = refuse_unpriced(wish, 'admit')
if unpriced then return unpriced end

local lack_total, lack_own, lack_cash = lacks(wish)
if lack_total == 0 and lack_own == 0 and lack_cash == 0 then
  begin_probe(wish)
  reserve(wish)
  return refuse(wish, 'fits')
end
-- No order is cancelled for a probe.
if (account['closed_by'] or '') ~= '' then return refuse_as_closed(wish) end
return gate(wish) or refuse(wish, 'blocked')
