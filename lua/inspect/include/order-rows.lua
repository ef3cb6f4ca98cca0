-- Orders as rows of a table.

--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "prices"
--- @include "protection"
--- @include "decimal"

-- The columns of order_row; ended: of orders that have ended.
local function order_columns(ended)
  return { { 'ORDER', 'id', nil, 1 }, { 'SYMBOL', 'symbol', nil, 1 }, { 'SIDE', 'side', nil, 4 },
    { 'STATE', 'state', nil, 1 }, { 'KIND', 'kind', nil, 7 }, { 'LIMIT', 'limit', nil, 4 },
    { 'QTY', 'qty', nil, 8 }, { 'FILLED', 'filledQty', nil, 8 }, { 'PNL', 'pnl', nil, 3 },
    { 'HELD', 'heldMicros', usd, 2 }, { 'PRICE', 'price', nil, 7 },
    { 'DISTANCE', 'distance', percent, 5 }, ended and { 'REASON', 'reason', nil, 1 }
    or { 'VICTIM', 'victim', nil, 2 }, { 'ROBBED BY', 'robbedBy', nil, 7 }, { 'PLAN', 'plan', nil, 9 },
    { 'AGE', 'createdAtMs', since, 6 }, { nil, 'edge' }, { nil, 'pool' }, { nil, 'heldPoolMicros' },
    { nil, 'unclear' }, { settings.policy == 'expected' and 'FILLS' or nil, 'fillProbability', nil, 4 } }
end

-- o: the order's hash
local function order_row(o, ended)
  local _, _, price = price_of(o.symbol)
  local kind, word = o.kind == 'entry' and o.mode or o.kind, o.reason
  if not ended then word = protection(o) end
  local edge = tonumber(o.edge_nanos)
  return { o.id, o.symbol, o.side, o.state, kind, o.limit, o.qty, o.filled_qty, o.pnl,
    tonumber(o.held_micros), price, price and distance(o.side, o.limit, price), word, o.robbed_by, o.plan,
    tonumber(o.created_at_ms), edge and nanos_text(edge), o.pool, tonumber(o.held_pool_micros or 0),
    o.unclear == '1', o.fill_probability or '1' }
end
