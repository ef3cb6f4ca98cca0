-- What the answer to a wish means for its plan's place in the queue for room (waiting).

--- @include "integers"
--- @include "account"
--- @include "settings"
--- @include "cash"
--- @include "worth"
--- @include "waiting"
--- @include "hosts-heard"
--- @include "chances"

-- Answers with which the attempt goes on: the place is as before. Those with which it does not wait for room,
-- although room lacked.
local GOES_ON = { blocked = true, lock_lost = true }
local NO_WAIT = { stolen = true, closed = true }
-- It can't steal now, whatever it is offered.
local NO_THIEF = { not_close_enough = true, no_price = true, barred = true, dry_run = true,
  disabled = true }

-- Returns numbers for the reply: `place`, from 1, and `waiting`, how many wait; none when it does not wait.
local function queue_by(wish, reason)
  note_heard(wish.owner)
  if GOES_ON[reason] then
    end_turn(wish.plan)
    return {}
  end
  if not wish.lacks or NO_WAIT[reason] then
    leave_queue(wish.plan)
    return {}
  end
  local thief_nanos
  if not NO_THIEF[reason] then
    thief_nanos = base_of(wish.pnl, wish.fill_probability, read_settings('policy'))
  end
  local place, waiting = join_queue(wish, needs_cash(wish), thief_nanos)
  name_next_thief(reason)
  return place and { 'place', int(place), 'waiting', int(waiting) } or {}
end
