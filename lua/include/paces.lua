-- The pace of a plan's attempts, however the one before ended: refused, robbed, cancelled at the broker.
--
--   plan:<id>  entry_due_ms, exit_due_ms  the health time at which its latest entry or exit attempt may begin
--              refused, paused_until_ms   refusals by the broker in a row; the health time at which the pause
--                                         for them ends
--              paused_for                 the reason of the pause, until the next attempt
--
-- Ten attempts at once, then one per 6 s: at most 20 within any minute. Exits are counted separately, so that
-- entries never delay the closing of a position.

--- @include "clock"

local ATTEMPTS_AT_ONCE, PACE_MS = 10, 6000
-- The longest pause: a clock that went back could otherwise make one of an hour.
local LONGEST_PAUSE_MS = 375000

-- Counts one more attempt. `due_ms`: of the one before; nil for the first. Returns when it may begin.
local function begin_attempt(due_ms)
  local whole_ms = health_ms - ATTEMPTS_AT_ONCE * PACE_MS
  return math.max(whole_ms, math.min(due_ms or whole_ms, health_ms + PACE_MS)) + PACE_MS
end

-- ms until the latest attempt of a plan at this stage may begin; 0: now.
local function wait_of(stage, entry_due_ms, exit_due_ms)
  local due_ms = tonumber((stage == 'holding' or stage == 'exiting') and exit_due_ms or entry_due_ms) or 0
  return math.max(0, math.min(due_ms - health_ms, 2 * PACE_MS))
end

-- ms until its pause ends; below 0: ms since it ended.
local function pause_left_of(paused_until_ms)
  return math.max(-LONGEST_PAUSE_MS * 4,
    math.min((tonumber(paused_until_ms) or 0) - health_ms, LONGEST_PAUSE_MS))
end
