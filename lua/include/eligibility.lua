-- Which orders may be victims, for any thief (docs/rules.md, 5.1 to 5.4, 5.8, 5.9). No other Lua file repeats
-- these rules: the index, the selection, the audits and the inspections use this file. The rules that depend
-- on the thief as well (5.5 to 5.7) are in candidates.lua.
--
-- Four kinds of rules, by what ends the protection, and the part of the index (ranking.lua) that excludes
-- their orders:
--   exemption           the order's state, kind or mode, or its symbol     edges
--   order_protection    a time of the order itself, such as its age        edges, until that time
--   symbol_protection   a time of the symbol: its cooldown, its fight      victims, until that time
--   price               near the limit, or no fresh price                  far; victims, until the next tick
--
--   vip               set   symbols that are never victims
--   cooldowns         zset  symbol -> ledger ms at which its cooldown ends
--   fighting          zset  symbol -> ledger ms at which the extended cooldown of its fight ends
--   often_robbed      zset  symbol -> ledger ms from which it may be stolen from again
--   protected_until   zset  order -> ledger ms at which order_protection lets it enter edges
--   stale             set   symbols that were withdrawn because their quote had aged
--   cooldown_due_ms   field of the account: the earliest of these times; `due` brings the index up to date
--                     then

--- @include "account"
--- @include "clock"

-- The order fields (numbers may be text) and the settings that the rules and the index read. The index is
-- rebuilt when one of these settings changes (configure).
local ELIGIBILITY_FIELDS = { 'symbol', 'side', 'state', 'kind', 'mode', 'edge_nanos', 'created_at_ms' }
local ELIGIBILITY_SETTINGS = { 'policy', 'protection_nanos', 'half_life_ms', 'min_residency_ms' }

-- The sorted sets of symbols that are protected until a time.
local SYMBOL_PROTECTIONS = { 'cooldowns', 'fighting', 'often_robbed' }

-- The rule by which the order's own record exempts it; nil for none.
local function exemption(order)
  if order.state ~= 'working' then return 'state' end
  if order.kind ~= 'entry' then return 'kind' end
  if order.mode ~= 'normal' then return 'mode' end
  return nil
end

-- The rule that protects this order until a time of its own, and that time in ledger ms; nil for none.
local function order_protection(order, settings)
  local least_age_ms = tonumber(settings.min_residency_ms or 0)
  if least_age_ms > 0 then return 'young', tonumber(order.created_at_ms) + least_age_ms end
  return nil
end

-- Why `edges` must not hold the order now, and the ledger ms from which it may if time ends the reason. nil:
-- `edges` holds it.
local function unlisted(order, settings)
  local rule, until_ms = exemption(order), nil
  if not rule and redis.call('SISMEMBER', PREFIX .. 'vip', order.symbol) == 1 then rule = 'vip' end
  if rule then return rule end
  rule, until_ms = order_protection(order, settings)
  if rule and until_ms > now_ms then return rule, until_ms end
  return nil
end

-- The rule that protects the symbol's orders now, by the name of its sorted set, and the ledger ms at which
-- it ends; nil for none.
local function symbol_protection(symbol)
  for _, key in ipairs(SYMBOL_PROTECTIONS) do
    local until_ms = redis.call('ZSCORE', PREFIX .. key, symbol)
    if until_ms and tonumber(until_ms) > now_ms then return key, tonumber(until_ms) end
  end
  return nil
end

-- Are all of the symbol's orders kept out of the victims now?
local function is_withdrawn(symbol)
  return symbol_protection(symbol) ~= nil or redis.call('SISMEMBER', PREFIX .. 'stale', symbol) == 1
end
