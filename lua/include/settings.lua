-- The settings of the rules. `configure` alone changes them, and gives the account another `settings_version`
-- then. So a library of functions remembers them by account and version, once it is called a second time; a
-- script is made anew at each call, and reads only what it needs. Somebody may change the keys by hand, or
-- restore one of them alone: nothing is remembered for more than a second.

--- @include "account"
--- @include "clock"

-- by_id: of `most` accounts, 3 KB each, with the time of reading (health_ms); current: those of this call
local settings_read = { most = 2000, life_ms = 1000, by_id = {}, count = 0, calls = 0, current = nil }

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
  local known = settings_read.by_id[id]
  local age_ms = known and health_ms and health_ms - known.at_ms
  if not known or (age_ms and (age_ms < 0 or age_ms > settings_read.life_ms)) then
    if not known then settings_read.count = settings_read.count + 1 end
    known = { at_ms = health_ms or 0, settings = {} }
    local flat = redis.call('HGETALL', PREFIX .. 'settings')
    for i = 1, #flat, 2 do known.settings[flat[i]] = as_setting(flat[i], flat[i + 1]) end
    if settings_read.count > settings_read.most then settings_read.by_id, settings_read.count = {}, 1 end
    settings_read.by_id[id] = known
  end
  settings_read.current = known.settings
  return known.settings
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
