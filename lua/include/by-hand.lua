-- Was an order cancelled by hand? The broker does not say who asked for a cancellation: it was nobody of ours
-- where none is on record (docs/decisions/0028). A ledger that was rebuilt may have lost the record: of what
-- was sent before that, nothing is concluded for a while.

--- @include "account"
--- @include "clock"
--- @include "book"

-- The word of an end that nobody here asked for (src/broker/ending.ts).
local UNASKED = 'cancelled'
local BY_HAND = 'by_hand'

-- So long after a rebuild a cancellation of before may still come to its end.
local RECORD_LOST_MS = 300000

local function is_by_hand(order, state, reason)
  if state ~= 'cancelled' or reason ~= UNASKED or order.state == 'cancelling' or order.kind == 'external' then
    return false
  end
  if number('synced_at_ms') == 0 or not same_server() then return false end
  local rebuilt_ms = number('rebuilt_ms')
  return order.sent_at_ms > rebuilt_ms or health_ms - rebuilt_ms > RECORD_LOST_MS
end
