-- How often a plan may begin an attempt, whatever ended the one before: refused, robbed, cancelled at the
-- broker.
--
--   plan:<id>  entry_due_ms, exit_due_ms   the health time at which its latest attempt of an entry, of an
--                                          exit, may begin
--              refused, paused_until_ms    how often the broker refused its orders in a row; the health time
--              until which it pauses then
--              paused_for                  what for, until its next attempt
--
-- Ten attempts at once, then one in 6 s: at most 20 within any minute. Exits have their own count, so that an
-- exit never waits longer than that for its turn: it closes a position.

--- @include "clock"

local ATTEMPTS_AT_ONCE, PACE_MS = 10, 6000
-- No pause is longer. A clock that went back would make one of an hour.
local LONGEST_PAUSE_MS = 375000

-- An attempt more. `due_ms`: of the last one; nil where there was none. Returns when it may begin.
local function begin_attempt(due_ms)
  local whole_ms = health_ms - ATTEMPTS_AT_ONCE * PACE_MS
  return math.max(whole_ms, math.min(due_ms or whole_ms, health_ms + PACE_MS)) + PACE_MS
end

-- ms until the latest attempt of a plan at this stage may begin; 0: now.
local function wait_of(stage, entry_due_ms, exit_due_ms)
  local due_ms = tonumber((stage == 'holding' or stage == 'exiting') and exit_due_ms or entry_due_ms) or 0
  return math.max(0, math.min(due_ms - health_ms, 2 * PACE_MS))
end

-- ms until its pause ends; below 0: since when it is over.
local function pause_left_of(paused_until_ms)
  return math.max(-LONGEST_PAUSE_MS * 4,
    math.min((tonumber(paused_until_ms) or 0) - health_ms, LONGEST_PAUSE_MS))
end
