-- Each reason of a refusal: what it means, and what would have to change.

--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "halts"
--- @include "why-words"

-- The text of each refusal, and what would have to change.
local REASONS = {
  halted = function(_, say, need)
    local rows = halt_rows()
    say(#rows == 0 and 'The account was halted.' or 'The account is halted: %s.', halt_words(rows))
    need('the account is resumed')
  end,
  closed = function(r, say, need)
    say('The account was closed for entries (%s): %s.', r.cause, r.words)
    need('the cause is over; where a person decides that: worksteal reopen %s', r.cause)
  end,
  unsynced = function(_, say, need)
    say('The ledger was not reconciled with the broker lately, so nothing was admitted (I8).')
    local wait_ms = tonumber(account.loss_wait_until_ms or 0) - health_ms
    if wait_ms > 0 then
      say('Now the keeper waits %s more: an order sent before the ledger was lost may still reach the '
        .. 'broker.', duration(wait_ms))
    end
    need('a keeper reconciles the account')
  end,
  opposite = function(r, say, need)
    local plan = (r.by_plan or '') ~= '' and ' of plan ' .. r.by_plan or ''
    if (r.by or '') ~= '' then
      local is_exit = redis.call('HGET', PREFIX .. 'order:' .. r.by, 'kind') == 'exit'
      say("Order %s%s is on %s's other side: the broker takes no order that could trade with it, "
        .. 'and nets what is held.', r.by, plan, r.symbol)
      if is_exit and r.held_qty == '0' then
        need('%s ends, or a limit that its own can not meet', r.by)
      else
        need('%s ends, and what that side holds is closed', r.by)
      end
      return
    end
    local held = string.gsub(r.held_qty, '^%-', '')
    say('The account holds %s of %s %s%s, and the broker nets positions: this order would close it.', held,
      r.symbol, held == r.held_qty and 'long' or 'short', plan)
    need('that position is closed')
  end,
  no_position = function(r, say, need)
    say('It asked to close %s of %s; %s is held, and other exits close %s of that.', r.asked_qty, r.symbol,
      r.held_qty, r.exits_qty)
    need('a position to close: its watcher asks the broker, and closes what is there')
  end,
  unconfirmed = function(r, say, need)
    say('It asked to close a position of %s that was not confirmed recently, '
      .. 'so the broker had to be asked first.', r.symbol)
    need("the broker's answer: its watcher asks for it")
  end,
  untakeable = function(r, say, need)
    say('The broker does not accept such an order (%s): %s.', r.why, r.words)
    need('the broker takes such an order: it is asked again every half minute')
  end,
  disabled = function(r, say, need)
    if r.why == 'pools_differ' then
      say('Its host may not enter it: the host puts symbols into other pools than the account has, '
        .. 'or the plan names a pool that the account lacks%s.',
        r.pool ~= '' and ' (' .. r.pool .. ')' or '')
      need('its host is restarted with the WORK_STEALING_POOLS and CRYPTO_SYMBOLS of the active keeper: '
        .. 'compare worksteal config')
      return
    end
    if r.why == 'settings_differ' then
      say('It did not fit, and its host may not steal: it uses settings %s, the account uses %s.',
        r.host_settings, r.account_settings)
      need('the settings agree: compare worksteal config at the host and at the active keeper')
      return
    end
    say('It did not fit, and stealing is switched off.')
    need('WORK_STEALING_ENABLED is 1')
  end,
  no_price = function(r, say, need)
    local last = (r.quote_age_ms or '') == '' and 'there was none' or 'the last was '
      .. duration(tonumber(r.quote_age_ms)) .. ' old'
    if r.doubted_price then
      say('A sale that opens a short position fills at the market, and a price of %s, above the last, '
        .. 'was in doubt: it may be true.', r.doubted_price)
      need('a later price of %s that confirms it, or one near the last', r.symbol)
      return
    end
    if r.kind == 'entry' and r.side == 'sell' then
      say('A sale that opens a short position fills at the market, '
      .. 'so without a fresh price its possible cost is unknown (%s).', last)
      need('a price of %s younger than %s', r.symbol, duration(tonumber(settings.quote_max_age_ms)))
      return
    end
    say('It did not fit, and without a fresh price its distance to its limit was unknown (%s).', last)
    need('a price of %s younger than %s', r.symbol, duration(tonumber(settings.quote_max_age_ms)))
  end,
  not_close_enough = function(r, say, need)
    local away, gate = fine(tonumber(r.distance)), fine(tonumber(settings.gate))
    say('It did not fit and was too far from its limit to steal: %s was at %s, %s from %s.', r.symbol,
      r.price, away, r.limit)
    need('the price within %s of the limit: at or %s %s', gate, r.side == 'buy' and 'below' or 'above',
      r.gate_price)
  end,
  barred = function(r, say, need)
    local because = r.cause == 'unused' and 'it did not use the room that victims were cancelled for'
      or 'the broker refused its order'
    say('It did not fit, and may not steal until %s: %s (%s), for the %s time in a row.',
      iso(tonumber(r.until_ms)), because, r.bar_reason, r.barred_times == '1' and 'first' or r.barred_times
      .. '.')
    local left = tonumber(r.until_ms) - now_ms
    need(left > 0 and 'its bar ends, in %s' or 'it tries again: its bar has ended',
      duration(math.max(0, left)))
    need('an order of it works at the broker')
  end,
  no_candidates = function(_, say) say('It did not fit, and no order could be a victim.') end,
  fighting = function(r, say)
    say('It did not fit, and with every order that could be a victim a steal would have been a fight: %s.',
      listed(r.would_fight))
  end,
  pnl_not_better = function(r, say)
    local whom = r.victims_needed and 'the ' .. r.bar_pnl .. ' that its victims have together'
      or 'the worst candidate, ' .. order_words(r.worst, r.worst_worth)
    local pnl = with_expected(r.pnl, r.thief_expected)
    say('It did not fit, and its PnL of %s does not beat %s: %s.', pnl, whom, better_words())
  end,
  insufficient_freed = function(r, say)
    local own = r.pool ~= '' and ' in total and ' .. exact_usd(r.frees_pool_micros) .. ' in ' .. r.pool or ''
    say('It did not fit, and the orders that it beats free %s%s, too little.', exact_usd(r.frees_micros), own)
    if r.unbeaten then say('The next, %s, is not beaten.', order_words(r.unbeaten, r.unbeaten_worth)) end
  end,
  too_many_victims = function(r, say, need)
    say('It did not fit, and it would have taken %s victims; one steal may have %s.', r.victims_needed,
      settings.max_victims)
    need('WORK_STEALING_MAX_VICTIMS is at least %s', r.victims_needed)
  end,
  budget_spent = function(r, say, need)
    local window = duration(tonumber(r.budget_window_ms))
    local takes, budget = tonumber(r.takes_micros), tonumber(r.budget_micros)
    if takes > budget then
      say('It did not fit. This steal alone would have taken %s, more than the %s that steals may take '
        .. 'within %s (%s of the cap): waiting does not help.', exact_usd(r.takes_micros),
        exact_usd(r.budget_micros), window, fine(tonumber(settings.budget)))
      local cap = tonumber(r.cap_micros) or 0
      -- In thousandths, rounded up.
      local least = cap > 0 and string.format('at least %.9g', math.ceil(takes * 1000 / cap) / 1000)
      need('WORK_STEALING_BUDGET is %s, or its victims hold less', least or 'larger')
      return
    end
    say('It did not fit. Steals took %s within %s, and it would have taken %s more; they may take %s (%s of '
      .. 'the cap).', exact_usd(r.taken_micros), window, exact_usd(r.takes_micros),
      exact_usd(r.budget_micros), fine(tonumber(settings.budget)))
    need('steals take less for a while: they count for %s', window)
  end,
}
