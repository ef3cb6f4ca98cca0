-- Cancellations that are not carried out yet.

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "format"

local OVERDUE_MS = 10000

-- How many there are, the age of the oldest, whether the queue is paused, and a sentence. The queue's own
-- record says whether it was paused (BullMQ, `cancel:meta`).
local function outbox_state()
  local count = redis.call('XLEN', PREFIX .. 'outbox')
  local oldest = redis.call('XRANGE', PREFIX .. 'outbox', '-', '+', 'COUNT', 1)[1]
  local oldest_ms = nil
  for i = 1, oldest and #oldest[2] or 0, 2 do
    if oldest[2][i] == 'at_ms' then oldest_ms = health_ms - tonumber(oldest[2][i + 1]) end
  end
  local paused = redis.call('HGET', PREFIX .. 'cancel:meta', 'paused') == '1'
  local said = 'empty'
  if count > 0 then
    said = int(count) .. ' cancellations on record, the oldest for '
      .. (oldest_ms and duration(oldest_ms) or '?')
  end
  if oldest_ms and oldest_ms > OVERDUE_MS then said = said .. '; overdue: no worker gets them done' end
  return count, oldest_ms, paused, said .. (paused and '; the cancel queue is paused' or '')
end
