-- The equity in force: of what the broker told, as much as may raise the caps by now (I1). Less counts at
-- once; more when it was told twice, far enough apart; more by a jump when a person said so (accept). A jump
-- is one above what stood: a single low answer, or a zero, is no new measure, so what stood before comes back
-- by itself.
--
--   equity_micros            what the caps are made of
--   equity_stood_micros      the highest in force until less was told for raise_ms; never lowered to 0; 0:
--                            there was none yet
--   equity_fallen_micros     the most that was told below it since equity_fallen_ms (health time of that
--                            reconciliation); 0: nothing
--   equity_raise_micros      the least of what was told above it since equity_raise_ms (health time of that
--                            reconciliation); 0: nothing
--   equity_held_back_micros  told, and by a jump too high; 0: none
--   equity_accepted_micros   what a person accepted at equity_accepted_ms (health time); 0: none. It lapses

--- @include "integers"
--- @include "account"
--- @include "events"

-- An acceptance is for what the broker tells now, not for a day to come.
local ACCEPTANCE_LASTS_MS = 3600000

-- The highest that is no jump above `micros`.
local function jump_limit(micros, jump)
  return jump == 0 and MAX_INTEGER or micros + math.floor(micros * jump / 1e9)
end

-- What stood, after `told`: less when nothing but less was told for raise_ms, by the most of it.
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

-- What a person accepted lapses when the broker tells so little that it would be a jump again, and after an
-- hour.
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
