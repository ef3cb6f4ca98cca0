-- admit: reserves room for an order if it fits in its pool and in total; otherwise says whether it may try to
-- steal. (I1, I6, I8; docs/rules.md, 4.) Takes no mutex.
--
-- KEYS[1]   ws:{account}:account   hash   the account; the other keys are built from its prefix, in its slot
-- ARGV[1]   id          the order, [A-Za-z0-9_-]{1,64}
-- ARGV[2]   symbol      one spelling: A-Z, 0-9 and .
-- ARGV[3]   side        buy | sell
-- ARGV[4]   kind        entry | exit (an exit closes a position: it needs no room, and is checked against the
--                       position)
-- ARGV[5]   mode        normal | probe
-- ARGV[6]   limit       decimal USD
-- ARGV[7]   qty         decimal units
-- ARGV[8]   pnl         decimal USD, forecasted
-- ARGV[9]   pool        '' or the order's own pool
-- ARGV[10]  owner       the host that renews its lease
-- ARGV[11]  plan        '' or the plan it came from, [A-Za-z0-9_-]{1,64}
-- ARGV[12]  lease_ms    ms of health time until the reservation must be sent or renewed
-- ARGV[13]  server_id   `<run id>:<replication id>` of the Redis server that the caller believes it talks to
-- ARGV[14]  type        limit | stop_limit | market | stop | trailing_stop: in which form it is sent; limit
--                       for an entry
-- ARGV[15]  fill_probability   decimal from 0 to 1: that its limit trades, as forecasted
-- ARGV[16]  untakeable  '' or why the broker would refuse the order, as the host knows: a reason code, a
--                       blank, a description for people
-- ARGV[17]  pool_rule   identifies the host's mapping of symbols to pools, which must be the account's for an
--                       entry; '' where they are not compared (what-if, tests)
--
-- Reply: {outcome, field, value, ...}
--   fits | exists state | superseded by (the latest order of its plan: continue with that one) | blocked (no
--   room, may steal) | halted | closed | unsynced | opposite | untakeable | disabled | no_price |
--   not_close_enough | barred | no_position | unconfirmed (ask the broker what is held, and confirm) |
--   contradiction | invalid
--   All but exists, superseded, contradiction and invalid have need_micros, room_micros[, pool_room_micros][,
--   cash_room_micros]. Further fields:
--     closed: cause, words; untakeable: why, words; disabled: why (pools_differ)
--     opposite: by, by_plan, held_qty (lua/include/opposite.lua)
--     barred: until_ms, barred_times, cause, bar_reason (lua/include/bars.lua)
--     no_position: held_qty, exits_qty (of live exits), asked_qty
--     unconfirmed: confirmed_ms (health time of the last confirmation)
-- A refusal is also kept in refusal:<plan or id> for an hour (lua/include/refusals.lua).

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "book"
--- @include "closures"
--- @include "attempt"

local wish, refusal = read_wish('admit', 2)
if not wish then return refusal end
local untakeable = ARGV[16]
if not untakeable or not any_text(untakeable) then
  return invalid('admit', 'untakeable', untakeable or '', 'why the broker would not take it, or empty')
end
local pool_rule = ARGV[17]
if not pool_rule or not any_text(pool_rule) then
  return invalid('admit', 'pool_rule', pool_rule or '', 'of the settings, or empty')
end
if not open_book() then return { 'unsynced', 'need_micros', int(wish.need_micros), 'room_micros', '0' } end
local before = known(wish)
if before then return before end
-- For an entry with a pool_rule, a wrong pool is a refusal, not an invalid argument.
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
