-- Walks the orders that this thief may take, worst first, at most LOOK_LIMIT, without a scan. It merges the
-- heads in victims:<pool> with the further orders of the symbols already opened.

--- @include "decimal"
--- @include "account"
--- @include "clock"
--- @include "events"
--- @include "quotes"
--- @include "edges"
--- @include "eligibility"
--- @include "worst-first"
--- @include "ranking"
--- @include "worth"
--- @include "cash"
--- @include "fights"

local LOOK_LIMIT = 64
local PASS_LIMIT = 256                              -- symbols passed over by one call, for whatever reason

local CANDIDATE_FIELDS = { 'pool', 'held_micros', 'held_pool_micros', 'held_cash_micros',
  'pnl', 'fill_probability', 'limit', 'plan', unpack(ELIGIBILITY_FIELDS) }

-- pnl: its forecast, pnl_nanos: what it is worth now; all rules of a victim's PnL mean its worth.
local function read_candidate(member, settings)
  local candidate = { id = id_of_member(member), rank = member }
  local values = redis.call('HMGET', PREFIX .. 'order:' .. candidate.id, unpack(CANDIDATE_FIELDS))
  for i, field in ipairs(CANDIDATE_FIELDS) do candidate[field] = values[i] or '' end
  candidate.held_micros = tonumber(candidate.held_micros)
  candidate.held_pool_micros = tonumber(candidate.held_pool_micros) or 0
  candidate.held_cash_micros = tonumber(candidate.held_cash_micros) or 0
  candidate.created_at_ms = tonumber(candidate.created_at_ms) or 0
  local base_nanos = base_of(to_nanos(candidate.pnl) or 0, candidate.fill_probability, settings)
  candidate.pnl_nanos = worth_of(base_nanos, candidate.created_at_ms, settings.half_life_ms or 0)
  return candidate
end

-- The index says that it may be taken; the order itself must agree (I3).
local function may_be_taken(candidate, price_nanos, settings)
  local _, until_ms = order_protection(candidate, settings)
  return not exemption(candidate) and (until_ms or 0) <= now_ms
    and is_beyond(candidate.side, price_nanos, tonumber(candidate.edge_nanos))
end

-- The index disagrees with the order: part of it was deleted, by hand or by eviction. No order is taken, and
-- the book is rebuilt. The include is in the function because hardly any call needs it.
local function report_index_fault(candidate)
  --- @include "closures"
  emit('index_fault', 'order', candidate.id, 'state', candidate.state)
  damage_account('order ' .. candidate.id .. ' is listed as one that may be taken, and may not be')
end

-- Calls visit(candidate) for each until it returns false. Returns how many there were; the symbols passed
-- over, by reason: {no_quote, own, stole_from_us, would_fight, no_cash}; and the fights to start.
-- `cash_only`: only orders that free cash.
local function each_candidate(wish, pool, cash_only, settings, visit)
  local robbers = robbers_of(wish.symbol, settings.cooldown_ms)
  local heads, opened, quotes, looked = head_reader(pool), {}, {}, 0
  local passed, passed_symbols = { no_quote = 0, own = 0, stole_from_us = 0, would_fight = 0, no_cash = 0 }, 0
  local fights, stale = {}, {}

  -- May this thief take orders like this one: of its symbol, all live entries of which are of one side?
  local function admits(candidate)
    local symbol = candidate.symbol
    if cash_only and not needs_cash(candidate) then
      passed.no_cash = passed.no_cash + 1
      return false
    end
    if symbol == wish.symbol then passed.own = passed.own + 1 return false end
    if robbers[symbol] then passed.stole_from_us = passed.stole_from_us + 1 return false end
    local price, at = quote_of(symbol)
    if not price or not is_fresh(at, settings.quote_max_age_ms) then
      passed.no_quote = passed.no_quote + 1
      stale[#stale + 1] = symbol
      return false
    end
    if would_fight(wish.symbol, symbol, settings) then
      passed.would_fight = passed.would_fight + 1
      fights[#fights + 1] = symbol
      return false
    end
    quotes[symbol] = price
    return true
  end

  local admitted, is_fading = {}, (settings.half_life_ms or 0) > 0
  local function read(member) return read_candidate(member, settings) end
  -- The next of the index. The further orders of a symbol follow once it is opened.
  local function next_candidate()
    local best, is_head = worst_of(heads, opened)
    if not best then return nil end
    if is_head then
      heads.skip()
    else
      table.remove(opened)
      put_in_order(opened, best.advance())
    end
    return read(best.member)
  end
  if is_fading then
    --- @include "in-order"
    next_candidate = in_order(heads, opened, pool, settings, read, admitted)
  end

  while looked < LOOK_LIMIT and passed_symbols < PASS_LIMIT do
    local candidate = next_candidate()
    if not candidate then break end
    local symbol, is_new = candidate.symbol, false
    if admitted[symbol] == nil then
      admitted[symbol] = admits(candidate)
      if not admitted[symbol] then
        passed_symbols = passed_symbols + 1
      end
      is_new = admitted[symbol] and not is_fading
    end
    if admitted[candidate.symbol] then
      candidate.price_nanos = quotes[candidate.symbol]
      if may_be_taken(candidate, candidate.price_nanos, settings) then
        looked = looked + 1
        if not visit(candidate) then break end
        if is_new then put_in_order(opened, open_symbol(pool, symbol)()) end
      else
        report_index_fault(candidate)
        break
      end
    end
  end

  -- Symbols without a fresh price leave the index until their next tick.
  for _, symbol in ipairs(stale) do
    redis.call('SADD', PREFIX .. 'stale', symbol)
    refresh_symbol(symbol)
  end
  return looked, passed, fights
end
