-- Hosts that did not come when it was the turn of one of their plans (turns): their plans are passed over
-- until the host calls again, so that a host that hangs does not delay the queue plan by plan.
--
--   silent   field of the account: those hosts, joined by `;`; the latest 16

--- @include "account"

local SILENT_LIMIT = 16

local function is_silent(host)
  local silent = account['silent'] or ''
  return silent ~= '' and string.find(';' .. silent .. ';', ';' .. host .. ';', 1, true) ~= nil
end

local function write_silent(hosts)
  set('silent', table.concat(hosts, ';', math.max(1, #hosts - SILENT_LIMIT + 1)))
end

local function silent_but(host)
  local others = {}
  for other in string.gmatch(account['silent'] or '', '[^;]+') do
    if other ~= host then others[#others + 1] = other end
  end
  return others
end

local function note_silent(host)
  local others = silent_but(host)
  others[#others + 1] = host
  write_silent(others)
end

-- The host calls: its plans have their turns again.
local function note_heard(host)
  if not is_silent(host) then return end
  write_silent(silent_but(host))
  account.news.freed = true
end
