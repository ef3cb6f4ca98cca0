-- Reserves what a steal's best victim keeps, in the step that settles the last victim (docs/rules.md, 9.8;
-- I2, I5): of the room that the victims really freed and the thief does not need, as far as there still is
-- room.
--
--   steal:<id>   kept: "order qty held_micros", as chosen; what the victims freed so far where that order
--                counts: freed_micros, freed_pool_micros, freed_cash_micros
--   order:<id>   kept_as of the victim; kept_of of the order that its plan goes on with

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "events"
--- @include "series"
--- @include "leases"
--- @include "sides"
--- @include "cash"
--- @include "orders"
--- @include "kept"

-- The order with which the victim's plan goes on, its next attempt, belongs to whoever holds the plan.
local function reserve_kept(best, kept, lease_ms)
  local series, attempt = series_of(best.id)
  local id = series .. int(attempt + 1)
  if redis.call('EXISTS', PREFIX .. 'order:' .. id) == 1 then return end
  local holder = redis.call('HGET', PREFIX .. 'plan:' .. best.plan, 'owner') or ''
  local owner = holder ~= '' and holder or best.owner
  local order = { id = id, symbol = best.symbol, side = best.side, kind = 'entry', pool = best.pool,
    held_micros = 0, held_pool_micros = 0, held_cash_micros = 0 }
  local held = kept.held_micros
  hold(order, held, best.pool == '' and 0 or held, needs_cash(order) and held or 0)
  redis.call('HSET', PREFIX .. 'order:' .. id, 'id', id, 'symbol', best.symbol, 'side', best.side,
    'kind', 'entry', 'mode', best.mode, 'pool', best.pool, 'limit', best.limit, 'qty', kept.qty,
    'pnl', kept.pnl, 'owner', owner, 'plan', best.plan, 'state', 'reserved', 'need_micros', int(held),
    'held_micros', int(held), 'held_pool_micros', int(order.held_pool_micros),
    'held_cash_micros', int(order.held_cash_micros), 'filled_qty', '0', 'filled_micros', '0',
    'created_at_ms', int(now_ms), 'updated_ms', int(health_ms), 'kept_of', best.id)
  if best.hold_nanos ~= '' then write_order(id, 'hold_nanos', best.hold_nanos) end
  if best.fill_probability ~= '' then write_order(id, 'fill_probability', best.fill_probability) end
  redis.call('SADD', PREFIX .. 'live', id)
  add_side(order)
  put_lease(id, health_ms + lease_ms)
  write_order(best.id, 'kept_as', id)
  emit('reserved', 'order', id, 'symbol', best.symbol, 'plan', best.plan, 'held_micros', int(held),
    'kept_of', best.id)
end

-- Called for each victim that ends, after its thief took what it needs. `left`: how many have not ended.
local function keep_part(steal_id, victim, left, freed_total, freed_own, freed_cash)
  local key = PREFIX .. 'steal:' .. steal_id
  local best = read_order(string.match(redis.call('HGET', key, 'kept'), '^%S+'))
  if not best then return end
  local freed = {}
  for field, micros in pairs({ freed_micros = freed_total,
    freed_pool_micros = best.pool ~= '' and victim.pool == best.pool and freed_own or 0,
    freed_cash_micros = freed_cash }) do
    freed[field] = redis.call('HINCRBY', key, field, int(micros))
  end
  local steal = redis.call('HMGET', key, 'state', 'lease_ms', 'lack_micros', 'lack_pool_micros',
    'lack_cash_micros')
  if left > 0 or steal[1] ~= 'granted' then return end
  local settings = read_settings('partial', 'partial_min_nanos')
  if best.state ~= 'cancelled' or settings.partial ~= 1 then return end
  local thief_pool = redis.call('HGET', PREFIX .. 'order:' .. steal_id, 'pool')
  local spare = math.min(room('total'), freed.freed_micros - tonumber(steal[3]))
  if best.pool ~= '' then
    local lack = thief_pool == best.pool and tonumber(steal[4]) or 0
    spare = math.min(spare, room(best.pool), freed.freed_pool_micros - lack)
  end
  if needs_cash(best) then
    spare = math.min(spare, cash_room(), freed.freed_cash_micros - (tonumber(steal[5]) or 0))
  end
  local kept = kept_of(best, spare, settings)
  if not kept then return end
  reserve_kept(best, kept, tonumber(steal[2]))
  --- @include "judging"
  judge_again(steal_id)
end
