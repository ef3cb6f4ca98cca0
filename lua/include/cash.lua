-- The cash pool: brokers lend nothing for crypto. It is built in, beside `total` and the order's own pool,
-- and its cap comes from the broker's report (cash.lua). Positions do not count in it: they are paid for.
--
--   orders_micros:cash   field of the account: what live buys of crypto hold; always kept
--   cap_micros:cash      the most that they may hold; absent: no limit is known or wanted
--   held_cash_micros     field of an order: what it holds; a pending thief holds what was free, then what its
--                        victims free (I5)

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
