-- The equity in force: of what the broker told, as much as may raise the caps by now (I1). Less counts at once; more when it was told
-- twice, far enough apart; more by a jump when a person said so (accept).
--
--   equity_micros            what the caps are made of
--   equity_raise_micros      the least of what was told above it since equity_raise_ms (health time of that reconciliation); 0: nothing
--   equity_held_back_micros  told, and by a jump too high; 0: none
--   equity_accepted_micros   what a person accepted; 0: none

local function supported_equity(args)
  local told = args.equity_micros
  local before = redis.call('HMGET', KEYS[1], 'equity_micros', 'equity_raise_micros', 'equity_raise_ms', 'equity_accepted_micros')
  local in_force = tonumber(before[1] or '')
  local equity = { in_force = told, raise = 0, raise_ms = 0, held_back = 0, accepted = tonumber(before[4]) or 0 }
  if not in_force or told <= in_force then return equity end
  equity.in_force = in_force
  local raise, raise_ms = tonumber(before[2]) or 0, tonumber(before[3]) or 0
  if raise == 0 or raise_ms > args.started_ms then raise, raise_ms = told, args.started_ms end
  equity.raise, equity.raise_ms = math.min(raise, told), raise_ms
  if args.started_ms - raise_ms < args.raise_ms then return equity end
  local limit = args.jump == 0 and MAX_INTEGER or in_force + math.floor(in_force * args.jump / 1e9)
  if equity.accepted > 0 then limit = math.max(limit, equity.accepted + math.floor(equity.accepted * args.jump / 1e9)) end
  if in_force > 0 and equity.raise > limit then
    equity.held_back = equity.raise
    return equity
  end
  equity.in_force, equity.accepted = equity.raise, 0
  equity.raise, equity.raise_ms = told > equity.in_force and told or 0, args.started_ms
  return equity
end

local function keep_equity(equity, args)
  set('equity_micros', equity.in_force)
  set('equity_raise_micros', equity.raise)
  set('equity_raise_ms', equity.raise_ms)
  set('equity_accepted_micros', equity.accepted)
  local was = tonumber(redis.call('HGET', KEYS[1], 'equity_held_back_micros') or 0) or 0
  if equity.held_back > 0 and was == 0 then
    emit('equity_held_back', 'in_force_micros', int(equity.in_force), 'told_micros', int(args.equity_micros))
  end
  set('equity_held_back_micros', equity.held_back)
end
