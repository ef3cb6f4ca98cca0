-- What is bought with cash alone: brokers lend nothing for crypto. A built-in pool beside `total` and the
-- order's own, fed by what the broker tells (cash.lua). Positions do not count in it: they are paid for.
--
--   orders_micros:cash   field of the account: what live buys of crypto hold of it; always kept
--   cap_micros:cash      what they may hold at most; absent: no limit is known, or none is wanted
--   held_cash_micros     field of an order: what it holds of it; a pending thief holds what was free, and
--                        gets its victims' (I5)

--- @include "account"

-- A buy of a pair against the dollar or a dollar coin, as src/domain/symbol.ts spells it.
local function needs_cash(order)
  return order.side == 'buy' and order.kind ~= 'exit'
    and string.find(order.symbol, '^[A-Z0-9][A-Z0-9]+USD[TC]?$') ~= nil
end

local function cash_room()
  if not account['cap_micros:cash'] then return math.huge end
  return number('cap_micros:cash') - number('orders_micros:cash')
end
