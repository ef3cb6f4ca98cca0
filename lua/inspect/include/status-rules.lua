-- The rules that are off by default, as far as they are on, and what steals may still take (budget).

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "decimal"
--- @include "format"
--- @include "budget"

-- What steals took within the window of their budget, and what they may take; nil without one.
local function budget_numbers()
  local share = tonumber(settings.budget_nanos or 0)
  if share == 0 then return nil end
  local window_ms = tonumber(settings.budget_window_ms)
  return taken_within(window_ms), scale_nanos(tonumber(account['cap_micros:total'] or 0), share), window_ms
end

local function further_rules()
  local words = {}
  local function on(form, ...) words[#words + 1] = string.format(form, ...) end
  local function ms(field) return tonumber(settings[field] or 0) end
  if ms('half_life_ms') > 0 then on('forecasts fade by half in %s', duration(ms('half_life_ms'))) end
  if ms('min_residency_ms') > 0 then on('no victim is younger than %s', duration(ms('min_residency_ms'))) end
  if ms('max_robbed') > 0 then
    on('a symbol is robbed at most %s times in %s', settings.max_robbed, duration(ms('robbed_window_ms')))
  end
  local taken, most, window_ms = budget_numbers()
  if taken then
    on('steals took %s of %s in %s', usd(taken), most and usd(most) or 'any', duration(window_ms))
  end
  if settings.partial == '1' then
    on('victims keep what is not needed, from %s on', percent(tonumber(settings.partial_min)))
  end
  return words, taken, most
end
