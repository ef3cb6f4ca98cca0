-- What a steal's best victim keeps (docs/rules.md, 9.8): a smaller order of its plan at its limit, for the
-- room that the thief does not need.

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "orders"
--- @include "cash"
--- @include "series"
--- @include "wide"
--- @include "shares"

-- The largest quantity (whole, nanos) that costs at most `micros` at this price: in whole units, if `by_one`.
local function affordable(micros, price_nanos, by_one)
  local whole, rest = quantity_of_wide((wide_over(wide_times(wide(micros), wide(1e12)), wide(price_nanos))))
  return whole, by_one and 0 or rest
end

-- The room that these victims free beyond the thief's need, in every pool in which an order of `best` counts.
local function spare_for(best, thief, victims)
  local function spare(free, freed_field, counts, need)
    for _, victim in ipairs(victims) do
      if counts(victim) then free = free + victim[freed_field] end
    end
    return free - need
  end
  local micros = spare(room('total'), 'held_micros', function() return true end, thief.need_micros)
  if best.pool ~= '' then
    local function is_there(one) return one.pool == best.pool end
    micros = math.min(micros, spare(room(best.pool), 'held_pool_micros', is_there,
      is_there(thief) and thief.need_micros or 0))
  end
  if needs_cash(best) then
    micros = math.min(micros, spare(cash_room(), 'held_cash_micros', function() return true end,
      needs_cash(thief) and thief.need_micros or 0))
  end
  return micros
end

-- May the order's plan go on with a smaller one? Not where it holds something already: then it goes on to its
-- exit (docs/decisions/0022). In a what-if there are no plans but in name.
local function goes_on(order)
  if order.plan == '' or string.find(order.filled_qty, '[1-9]') then return false end
  if account['what_if'] == '1' then return true end
  local series, attempt = series_of(order.id)
  local plan = redis.call('HMGET', PREFIX .. 'plan:' .. order.plan, 'stage', 'ended_at_ms', 'attempt',
    'withdraw_asked')
  return series == order.plan .. '_' and plan[1] and not plan[2] and not plan[4]
    and tonumber(plan[3] or 1) <= attempt
end

-- order: as of read_order. spare_micros: what it may cost. Returns {qty, held_micros, pnl}: text, micro-USD,
-- text; nil where nothing is kept. settings: partial_min_nanos.
local function kept_of(order, spare_micros, settings)
  if spare_micros <= 0 or not goes_on(order) then return nil end
  local _, whole, rest = split_decimal(order.qty)
  -- Fractional shares are sold where an order has some; crypto is spelled as cash buys it.
  local is_crypto = needs_cash({ side = 'buy', symbol = order.symbol })
  local by_one = rest == 0 and not is_crypto
  local price = price_of(order)
  local kept_whole, kept_rest = affordable(spare_micros, price, by_one)
  local most_whole, most_rest = quantity_minus(whole, rest, by_one and 1 or 0, by_one and 0 or 1)
  if quantity_compare(kept_whole, kept_rest, most_whole, most_rest) > 0 then
    kept_whole, kept_rest = most_whole, most_rest
  end
  local kept, all = wide_quantity(kept_whole, kept_rest), wide_quantity(whole, rest)
  if kept_whole + kept_rest == 0 or wide_compare(wide_times(kept, wide(1e9)),
    wide_times(all, wide(settings.partial_min_nanos))) < 0 then
    return nil
  end
  return { qty = quantity_text(kept_whole, kept_rest), held_micros = notional(price, kept_whole, kept_rest),
    pnl = nanos_text(share_of_pnl(to_nanos(order.pnl), kept, all)) }
end
