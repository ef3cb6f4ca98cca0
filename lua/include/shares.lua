-- A part of a forecast, exactly.

--- @include "wide"

-- PnL x part / whole, rounded down; `part` and `whole` are wide. Of nothing: 0.
local function share_of_pnl(pnl_nanos, part, whole)
  if #whole == 1 and whole[1] == 0 then return 0 end
  local share, inexact = wide_over(wide_times(wide(math.abs(pnl_nanos)), part), whole)
  local units, rest = quantity_of_wide(share)
  local nanos = units * 1e9 + rest
  if pnl_nanos >= 0 then return nanos end
  return -nanos - (inexact and 1 or 0)
end
