--- @include "account"

-- The settings of the rules, by name; as numbers where possible.
local function read_settings(...)
  local values = redis.call('HMGET', PREFIX .. 'settings', ...)
  local settings = {}
  for i, field in ipairs({ ... }) do
    settings[field] = tonumber(values[i]) or values[i] or nil
  end
  return settings
end
