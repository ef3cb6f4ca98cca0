-- An order's series and its number in it: `plan_3` -> `plan_`, 3; nil for an id of another form.
local function series_of(id)
  local series, attempt = string.match(id, '^(.*_x?)(%d+)$')
  if not series or #attempt > 9 then return nil end
  return series, tonumber(attempt)
end
