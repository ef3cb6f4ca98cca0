-- The victims of a steal, as the ledger encodes them: "id symbol pnl held_micros;...".

--- @include "integers"

-- {id, symbol, pnl, held_micros} each, pnl as text
local function victims_of(text)
  local list = {}
  for id, symbol, pnl, held in string.gmatch(text or '', '(%S+) (%S+) (%S+) (%d+);?') do
    list[#list + 1] = { id, symbol, pnl, tonumber(held) }
  end
  return list
end

-- For JSON.
local function victim_values(victims)
  local list = {}
  for i, victim in ipairs(victims) do
    list[i] = { { 'order', victim[1] }, { 'symbol', victim[2] }, { 'pnl', victim[3] },
      { 'heldMicros', victim[4] } }
  end
  return { list = list }
end
