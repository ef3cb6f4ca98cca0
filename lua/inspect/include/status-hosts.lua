-- Which processes are alive, by whose settings, and what their watchers see.

--- @include "integers"
--- @include "account"
--- @include "clock"

-- Hosts seen in the last 15 s, those with other settings than the account's first: these do not steal.
-- `watching`: the state of New York's session as watchers last reported it, and all their plans by tier.
local function host_rows()
  local rows, differing, watching = {}, {}, { tiers = {}, by_name = {}, troubles = {} }
  local function add_tiers(text)
    for name, tolerance, plans in string.gmatch(text, '(%S+) (%S+) (%d+);?') do
      local row = watching.by_name[name]
      if not row then
        row = { name, tolerance, 0 }
        watching.by_name[name] = row
        watching.tiers[#watching.tiers + 1] = row
      end
      row[3] = row[3] + tonumber(plans)
    end
  end
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', PREFIX .. 'hosts', int(health_ms - 15000), '+inf',
    'LIMIT', 0, 256)) do
    local host = redis.call('HMGET', PREFIX .. 'host:' .. id, 'role', 'fingerprint', 'seen_ms', 'session',
      'tiers', 'trouble')
    if host[1] then
      if host[4] ~= '' then watching.session, watching.until_ms = string.match(host[4], '^(%a+) (%d+)$') end
      add_tiers(host[5])
      local agrees = host[2] == settings.fingerprint
      if not agrees then differing[#differing + 1] = id end
      if (host[6] or '') ~= '' then watching.troubles[#watching.troubles + 1] = { id, host[1], host[6] } end
      rows[#rows + 1] = { id, host[1], host[2], agrees, tonumber(host[3]) }
    end
  end
  table.sort(rows, function(a, b)
    if a[4] ~= b[4] then return not a[4] end
    return a[1] < b[1]
  end)
  return rows, differing, watching
end
