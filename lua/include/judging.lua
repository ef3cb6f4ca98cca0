-- Judges a steal that is watched, from the facts on record (docs/rules.md, 9.9), whenever one of them
-- changes. Judging again changes nothing (I6).

--- @include "integers"
--- @include "decimal"
--- @include "account"
--- @include "clock"
--- @include "wide"
--- @include "shares"
--- @include "watched"
--- @include "regrets"

-- The record of a steal that is watched now; nil for any other.
local function read_watch(id)
  local values = redis.call('HMGET', PREFIX .. 'steal:' .. id, 'watch_until_ms', 'watch', 'victims',
    'watched', 'thief_symbol', 'thief_pnl', 'rules', 'amounts')
  local until_ms = tonumber(values[1])
  if not until_ms or values[2] or now_ms > until_ms then return nil end
  return { id = id, victims = read_victims(values[3]), watched = values[4] or '', thief_symbol = values[5],
    pnl_nanos = to_nanos(values[6] or '0') or 0, rules = values[7] or '', amounts = read_amounts(values[8]) }
end

-- a - b, at least 0, of quantities {whole, rest}
local function less(a, b_text)
  local _, whole, rest = split_decimal(b_text)
  if quantity_compare(a[1], a[2], whole, rest) <= 0 then return { 0, 0 } end
  return { quantity_minus(a[1], a[2], whole, rest) }
end

-- What was given up of a victim's order: what it had not bought, less what its plan kept or bought since. As
-- (part, whole), wide; nil when its record is gone.
local function missed_of(victim, back)
  local order = redis.call('HMGET', PREFIX .. 'order:' .. victim.id, 'qty', 'filled_qty', 'kept_as')
  if not order[1] then return nil end
  local _, whole, rest = split_decimal(order[1])
  local left = less(less({ whole, rest }, order[2] or '0'), back or '0')
  local kept = order[3] and redis.call('HGET', PREFIX .. 'order:' .. order[3], 'qty')
  if kept then left = less(left, kept) end
  return wide_quantity(left[1], left[2]), wide_quantity(whole, rest)
end

-- Its forecast, as far as it filled; nil when its record is gone.
local function gain_of(steal)
  local order = redis.call('HMGET', PREFIX .. 'order:' .. steal.id, 'qty', 'filled_qty')
  if not order[1] then return nil end
  local _, whole, rest = split_decimal(order[1])
  local _, filled_whole, filled_rest = split_decimal(order[2] or '0')
  if quantity_compare(filled_whole, filled_rest, whole, rest) >= 0 then return steal.pnl_nanos end
  return share_of_pnl(steal.pnl_nanos, wide_quantity(filled_whole, filled_rest), wide_quantity(whole, rest))
end

-- The gain by victim, in proportion to what each held; the last has what rounding left.
local function split_gain(gain, victims)
  local held, left, parts = 0, gain, {}
  for _, victim in ipairs(victims) do held = held + victim.held_micros end
  for i, victim in ipairs(victims) do
    parts[i] = i == #victims and left or share_of_pnl(gain, wide(victim.held_micros), wide(held))
    left = left - parts[i]
  end
  return parts
end

-- Writes what the steal comes to so far, and what that changes into `sums`.
local function judge(steal, sums)
  local key, fields = PREFIX .. 'steal:' .. steal.id, {}
  for i, victim in ipairs(steal.victims) do
    fields[2 * i - 1], fields[2 * i] = 'traded:' .. victim.id, 'back:' .. victim.id
  end
  local facts, gain = redis.call('HMGET', key, unpack(fields)), gain_of(steal)
  if not gain then return end
  local amounts, texts, gains = {}, {}, split_gain(gain, steal.victims)
  for i, victim in ipairs(steal.victims) do
    local regret = 0
    if facts[2 * i - 1] then
      local part, whole = missed_of(victim, facts[2 * i])
      if not part then return end
      regret = share_of_pnl(victim.pnl_nanos, part, whole)
    end
    amounts[i] = { regret, gains[i] }
    texts[i] = nanos_text(regret) .. ' ' .. nanos_text(gains[i])
  end
  sum_up(sums, steal.thief_symbol, steal.rules, steal.victims, steal.amounts, -1)
  local regret
  regret, gain = sum_up(sums, steal.thief_symbol, steal.rules, steal.victims, amounts, 1)
  redis.call('HSET', key, 'amounts', table.concat(texts, ';'), 'regret', nanos_text(regret),
    'gain', nanos_text(gain))
end

-- The same for a steal by its id, if it is watched.
local function judge_again(id)
  local steal, sums = read_watch(id), {}
  if not steal then return end
  judge(steal, sums)
  keep_regrets(sums)
end
