-- The equity in force: the part of the broker's reported equity that may count for the caps (I1). A lower
-- report counts at once. A higher one counts when the reports stay higher for raise_ms. A jump above the
-- reference (`stood`) also needs a person's approval (accept). A single low report, or a zero, does not lower
-- the reference, so the earlier equity returns by itself.
--
--   equity_micros            what the caps are computed from
--   equity_stood_micros      the reference: the highest in force, lowered when reports stay lower for
--                            raise_ms, but never to 0; 0: none yet
--   equity_fallen_micros     the highest report below the reference since equity_fallen_ms (health time of
--                            that reconciliation); 0: none
--   equity_raise_micros      the lowest report above equity_micros since equity_raise_ms (health time of that
--                            reconciliation); 0: none
--   equity_held_back_micros  a report held back as a jump; 0: none
--   equity_accepted_micros   what a person accepted at equity_accepted_ms (health time); 0: none. It expires

--- @include "integers"
--- @include "account"
--- @include "events"

-- An acceptance is for the current report, not for later days.
local ACCEPTANCE_LASTS_MS = 3600000

-- The highest equity within the allowed jump above `micros`.
local function jump_limit(micros, jump)
  return jump == 0 and MAX_INTEGER or micros + math.floor(micros * jump / 1e9)
end

-- Lowers the reference when all reports for raise_ms were below it, to the highest of them. A report of 0
-- changes nothing.
local function follow_fall(equity, told, args)
  if told == 0 or told >= equity.stood then
    if told > 0 then equity.fallen = 0 end
    return
  end
  if equity.fallen == 0 or equity.fallen_ms > args.started_ms then
    equity.fallen, equity.fallen_ms = told, args.started_ms
  end
  equity.fallen = math.max(equity.fallen, told)
  if args.started_ms - equity.fallen_ms < args.raise_ms then return end
  equity.stood, equity.fallen, equity.fallen_ms = equity.fallen, told, args.started_ms
end

-- An acceptance expires after an hour, or when a report is so low that the accepted equity would be a jump
-- again.
local function still_accepted(accepted, accepted_ms, args)
  if args.started_ms > accepted_ms + ACCEPTANCE_LASTS_MS then return 0 end
  if args.started_ms > accepted_ms and accepted > jump_limit(args.equity_micros, args.jump) then return 0 end
  return accepted
end

local function supported_equity(args)
  local told = args.equity_micros
  local before = redis.call('HMGET', KEYS[1], 'equity_micros', 'equity_raise_micros', 'equity_raise_ms',
    'equity_accepted_micros', 'equity_accepted_ms', 'equity_stood_micros', 'equity_fallen_micros',
    'equity_fallen_ms')
  local in_force = tonumber(before[1] or '')
  local function had(i) return tonumber(before[i] or '') or 0 end
  local equity = { in_force = told, raise = 0, raise_ms = 0, held_back = 0, accepted = had(4),
    accepted_ms = had(5), stood = math.max(had(6), in_force or told), fallen = had(7), fallen_ms = had(8) }
  equity.accepted = still_accepted(equity.accepted, equity.accepted_ms, args)
  follow_fall(equity, told, args)
  if not in_force or told <= in_force then return equity end
  equity.in_force = in_force
  local raise, raise_ms = had(2), had(3)
  if raise == 0 or raise_ms > args.started_ms then raise, raise_ms = told, args.started_ms end
  equity.raise, equity.raise_ms = math.min(raise, told), raise_ms
  if args.started_ms - raise_ms < args.raise_ms then return equity end
  local limit = jump_limit(equity.stood, args.jump)
  if equity.accepted > 0 then limit = math.max(limit, jump_limit(equity.accepted, args.jump)) end
  if equity.stood > 0 and equity.raise > limit then
    equity.held_back = equity.raise
    return equity
  end
  equity.in_force, equity.accepted = equity.raise, 0
  equity.stood = math.max(equity.stood, equity.in_force)
  equity.raise, equity.raise_ms = told > equity.in_force and told or 0, args.started_ms
  return equity
end

local function keep_equity(equity, args)
  set('equity_micros', equity.in_force)
  set('equity_stood_micros', equity.stood)
  set('equity_fallen_micros', equity.fallen)
  set('equity_fallen_ms', equity.fallen_ms)
  set('equity_raise_micros', equity.raise)
  set('equity_raise_ms', equity.raise_ms)
  set('equity_accepted_micros', equity.accepted)
  local was = tonumber(redis.call('HGET', KEYS[1], 'equity_held_back_micros') or 0) or 0
  if equity.held_back > 0 and was == 0 then
    emit('equity_held_back', 'in_force_micros', int(equity.in_force), 'told_micros', int(args.equity_micros))
  end
  set('equity_held_back_micros', equity.held_back)
end
