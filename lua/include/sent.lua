-- Whether an order was sent, where the broker tells of it.

--- @include "account"
--- @include "clock"
--- @include "server"
--- @include "orders"

-- Was it sent? An older copy of the book may lack that (I8): there the broker's word counts.
local function was_sent(order)
  return order.sent_at_ms > 0 or order.kind == 'external'
    or ((account['server_id'] or '') ~= '' and not same_server())
end

-- Puts on record that it was.
local function note_sent(order)
  if order.sent_at_ms > 0 or order.kind == 'external' then return end
  order.sent_at_ms = health_ms
  write_order(order.id, 'sent_at_ms', health_ms)
end
