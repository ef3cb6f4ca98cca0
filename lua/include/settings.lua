-- The settings of the rules. `configure` alone changes them, and gives the account another `settings_version`
-- then. So a library of functions remembers them by account and version, once it is called a second time; a
-- script is made anew at each call, and reads only what it needs.

--- @include "account"

-- by_id: of so many accounts, 3 KB each; current: those of this call
local SETTINGS_LIMIT = 2000
local settings_read = { by_id = {}, count = 0, calls = 0, current = nil }

-- Each call begins with this.
local function begin_settings()
  settings_read.calls, settings_read.current = settings_read.calls + 1, nil
end

-- A number where it is one. A fingerprint stays a text, though it may look like a number.
local function as_setting(field, text)
  return field ~= 'fingerprint' and tonumber(text) or text
end

-- All settings of the version in force, remembered; nil where they have none.
local function current_settings()
  local version = account['settings_version']
  if not version then return nil end
  local id = PREFIX .. version
  local settings = settings_read.by_id[id]
  if not settings then
    settings = {}
    local flat = redis.call('HGETALL', PREFIX .. 'settings')
    for i = 1, #flat, 2 do settings[flat[i]] = as_setting(flat[i], flat[i + 1]) end
    if settings_read.count >= SETTINGS_LIMIT then settings_read.by_id, settings_read.count = {}, 0 end
    settings_read.by_id[id], settings_read.count = settings, settings_read.count + 1
  end
  settings_read.current = settings
  return settings
end

-- The settings by name, as numbers where possible; at least those named. Nobody may change the table.
local function read_settings(...)
  if settings_read.current then return settings_read.current end
  local known = settings_read.calls > 1 and current_settings()
  if known then return known end
  local values = redis.call('HMGET', PREFIX .. 'settings', ...)
  local settings = {}
  for i, field in ipairs({ ... }) do settings[field] = as_setting(field, values[i] or nil) end
  return settings
end
