-- May an exit be sent? What is held decides, not the caller (I1). Its quantity, plus what live exits of its
-- side still have to close, must fit into the ledger's position and into the broker's recent answer. The
-- answer alone counts once it cannot be older than the ledger's last fill. `halted`, `closed` and `unsynced`
-- do not stop an exit: a position can be closed as long as the broker confirms it.
--
--   confirmed   hash   symbol -> "at_ms started_ms side qty free server_id", the broker's answer about its
--                      position: health times of the answer and of the question; side long, short or none;
--                      free: units that no order at the broker holds
--   unsure      hash   symbol -> health time of a fill that was not subtracted, because the broker's last
--                      report may include it. The position may be too large here until a later answer or
--                      reconciliation

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"
--- @include "server"
--- @include "book"
--- @include "exits"

-- How long evidence of a position counts: a reconciliation, the fill that opened it, or an answer.
local CONFIRMED_MS = 3000
-- How long a broker's positions may lag behind its orders: from the last reconciliation (sync), else 5 s.
local function positions_lag_ms()
  local told_ms = number('positions_lag_ms')
  return told_ms > 0 and told_ms or 5000
end

local function is_recent(at_ms)
  return at_ms <= health_ms and health_ms - at_ms <= CONFIRMED_MS
end

-- The answer about this symbol, if it is recent, was stored on this server, and was requested after the
-- position last changed.
local function confirmation_of(symbol, touched_ms, server_id)
  local text = redis.call('HGET', PREFIX .. 'confirmed', symbol)
  if not text then return nil end
  local at_ms, started_ms, side, qty, free, on = string.match(text, '^(%d+) (%d+) (%S+) (%S+) (%S+) (.*)$')
  if not at_ms or on ~= server_id or tonumber(started_ms) < touched_ms or not is_recent(tonumber(at_ms)) then
    return nil
  end
  return { side = side, qty = qty, free = free, started_ms = tonumber(started_ms) }
end

-- Why an exit of (whole, nanos) may not be sent, and the numbers; nil when it may. `no_position`: the
-- position is missing or too small. `unconfirmed`: the broker has to be asked first. `is_counted`: it is
-- already among the live exits (submit).
local function judge_exit(symbol, side, whole, nanos, server_id, is_counted)
  local wanted = side == 'sell' and 'long' or 'short'
  local position = redis.call('HMGET', PREFIX .. 'position:' .. symbol, 'side', 'qty', 'updated_ms',
    'confirmed_ms')
  local lag_ms = positions_lag_ms()
  local unsure_ms = tonumber(redis.call('HGET', PREFIX .. 'unsure', symbol) or -lag_ms) + lag_ms
  local touched_ms = math.max(unsure_ms,
    tonumber(position[3] or redis.call('HGET', PREFIX .. 'closed', symbol) or 0))
  local told = confirmation_of(symbol, touched_ms, server_id)
  local taken_whole, taken_nanos = exits_of(symbol, side)
  if not is_counted then taken_whole, taken_nanos = quantity_plus(taken_whole, taken_nanos, whole, nanos) end

  local function lacks_in(held_side, qty, need_whole, need_nanos)
    local _, held_whole, held_nanos = split_decimal(held_side == wanted and qty or '0')
    if quantity_compare(held_whole, held_nanos, need_whole, need_nanos) >= 0 then return nil end
    local others_whole, others_nanos = quantity_minus(taken_whole, taken_nanos, whole, nanos)
    return 'no_position', { 'held_qty', quantity_text(held_whole, held_nanos), 'exits_qty',
      quantity_text(others_whole, others_nanos), 'asked_qty', quantity_text(whole, nanos) }
  end

  -- The ledger's position counts as well while the broker's answer may be older than the last fill here.
  local ours = is_ours(server_id)
  if ours and not (told and told.started_ms > touched_ms + lag_ms) then
    local why, numbers = lacks_in(position[1], position[2], taken_whole, taken_nanos)
    if why then return why, numbers end
  end
  if told then
    local why, numbers = lacks_in(told.side, told.qty, taken_whole, taken_nanos)
    if why then return why, numbers end
    return lacks_in(told.side, told.free, whole, nanos)
  end
  -- Without an answer, a recent reconciliation or the fill that opened the position suffices.
  local confirmed_ms = tonumber(position[4] or 0)
  if redis.call('HEXISTS', PREFIX .. 'doubts', symbol) == 0 then
    confirmed_ms = math.max(confirmed_ms, tonumber(redis.call('HGET', KEYS[1], 'sync_started_ms') or 0))
  end
  if ours and is_synced_lately() and unsure_ms < confirmed_ms and is_recent(confirmed_ms) then return nil end
  return 'unconfirmed', { 'confirmed_ms', int(confirmed_ms) }
end
