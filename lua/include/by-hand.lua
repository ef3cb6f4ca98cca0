-- Was an order cancelled by hand? The broker does not say who requested a cancellation: without a request on
-- record here, it was done by hand (docs/decisions/0028). A rebuilt ledger may have lost the record. So for a
-- while nothing is concluded about orders sent before the rebuild.

--- @include "account"
--- @include "clock"
--- @include "server"
--- @include "book"

-- The reason of a cancellation that was not requested here (src/broker/ending.ts).
local UNASKED = 'cancelled'
local BY_HAND = 'by_hand'

-- A cancellation from before a rebuild may take this long to finish.
local RECORD_LOST_MS = 300000

local function is_by_hand(order, state, reason)
  if state ~= 'cancelled' or reason ~= UNASKED or order.state == 'cancelling' or order.kind == 'external' then
    return false
  end
  if number('synced_at_ms') == 0 or not same_server() then return false end
  local rebuilt_ms = number('rebuilt_ms')
  return order.sent_at_ms > rebuilt_ms or health_ms - rebuilt_ms > RECORD_LOST_MS
end
