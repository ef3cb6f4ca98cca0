--- @include "account"

-- Steals, newest first, among the latest `look` entries of the history: {id, at_ms, thief_symbol,
-- victim_symbols}, and whether there are more entries.
local function steals_since(from_ms, look)
  local flat = redis.call('ZREVRANGEBYSCORE', PREFIX .. 'steals', '+inf', from_ms, 'WITHSCORES', 'LIMIT', 0,
    look + 1)
  local list, by_id = {}, {}
  for i = 1, math.min(#flat, 2 * look), 2 do
    local thief, victim, id = string.match(flat[i], '^([^>]+)>([^#]+)#(.+)$')
    local steal = by_id[id]
    if not steal then
      steal = { id = id, at_ms = tonumber(flat[i + 1]), thief_symbol = thief, victim_symbols = {} }
      by_id[id] = steal
      list[#list + 1] = steal
    end
    steal.victim_symbols[#steal.victim_symbols + 1] = victim
  end
  return list, #flat > 2 * look
end
