-- The choice of victims, in a function of its own: what it includes is more names than Lua allows beside
-- those of a steal.

-- select_victims, passed_over, refusal_numbers (selection)
local function choosing()
  --- @include "selection"
  return select_victims, passed_over, refusal_numbers
end
