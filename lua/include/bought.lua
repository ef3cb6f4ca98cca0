-- An order bought (or sold short) more: what that means for steals that are watched (judging).

--- @include "decimal"
--- @include "account"
--- @include "judging"

-- order: with its fills; `more`: what it filled just now, (whole, nanos).
local function note_bought(order, more_whole, more_nanos)
  redis.call('HSET', PREFIX .. 'order:' .. order.id, 'filled_qty', order.filled_qty)
  if order.steal ~= '' then judge_again(order.steal) end
  if order.robbed_by ~= '' then return judge_again(order.robbed_by) end
  -- A plan whose order was taken came back. What it kept of it was never given up.
  local member = order.plan ~= '' and redis.call('HGET', PREFIX .. 'watched_plans', order.plan)
  local id, victim = string.match(member or '', '^(%S+) (%S+)$')
  if not id or not read_watch(id) then return end
  if redis.call('HGET', PREFIX .. 'order:' .. order.id, 'kept_of') == victim then return end
  local key, field = PREFIX .. 'steal:' .. id, 'back:' .. victim
  local _, whole, nanos = split_decimal(redis.call('HGET', key, field) or '0')
  redis.call('HSET', key, field, quantity_text(quantity_plus(whole, nanos, more_whole, more_nanos)))
  judge_again(id)
end
