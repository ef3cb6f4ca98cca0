-- The choice of victims as three functions, made once: they and what they include are more names than Lua
-- allows beside those of a steal.

local chosen_by

-- select_victims, passed_over, refusal_numbers (selection)
local function choosing()
  if not chosen_by then
    --- @include "selection"
    chosen_by = { select_victims, passed_over, refusal_numbers }
  end
  return unpack(chosen_by)
end
