-- A price at which limits of victims trade (watched).

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "watched"
--- @include "regrets"
--- @include "judging"

-- Would the order still have been there? Not once its plan has ended, or would have.
local function is_wanted(steal, order)
  for id, plan in string.gmatch(steal.watched, '(%S+) %S+ %S+ ([^%s;]+);?') do
    if id == order and plan ~= '-' then
      local of = redis.call('HMGET', PREFIX .. 'plan:' .. plan, 'ended_at_ms', 'expires_at_ms')
      local expires_at_ms = tonumber(of[2]) or 0
      return not of[1] and (expires_at_ms == 0 or now_ms < expires_at_ms)
    end
  end
  return true
end

-- Returns the symbol's text in `watched` after it; nil when none is left.
local function note_trades(symbol, price_nanos)
  local sums = {}
  for side, range in pairs({ buy = { int(price_nanos), '+inf' }, sell = { '-inf', int(price_nanos) } }) do
    local index = PREFIX .. 'watched:' .. symbol .. ':' .. side
    local members = redis.call('ZRANGEBYSCORE', index, range[1], range[2])
    if #members > 0 then redis.call('ZREM', index, unpack(members)) end
    for _, member in ipairs(members) do
      local id, order = string.match(member, '^(%S+) (%S+)$')
      local steal = read_watch(id)
      if steal and is_wanted(steal, order) then
        redis.call('HSET', PREFIX .. 'steal:' .. id, 'traded:' .. order, int(now_ms))
        judge(steal, sums)
      end
    end
  end
  keep_regrets(sums)
  return refresh_watched(symbol)
end
