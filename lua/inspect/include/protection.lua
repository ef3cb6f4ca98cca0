-- May this order be taken now, by a thief that beats it? If not, the rule that protects it, in words
-- (lua/include/eligibility.lua has the rules).

--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "prices"
--- @include "edges"
--- @include "eligibility"

local FINAL = { filled = true, cancelled = true, rejected = true, expired = true }

-- Rule -> the description of an order that it protects: a word, and the end of a sentence.
local PROTECTIONS = {
  state = function(order)
    if FINAL[order.state] then return 'ended', 'it has ended' end
    if order.state == 'cancelling' then return 'cancelling', 'it is being cancelled already' end
    return 'reservation', 'it does not work at the broker yet (rule 1)'
  end,
  kind = function(order)
    local words = order.kind == 'exit' and 'an exit' or 'an order from outside'
    return order.kind, 'only entries can be victims, it is ' .. words .. ' (rule 1)'
  end,
  mode = function() return 'probe', 'a probe is never a victim (rule 1)' end,
  vip = function(order) return 'vip', order.symbol .. ' is a VIP symbol (rule 1)' end,
  young = function(order, until_ms)
    return 'young', 'it is ' .. since(tonumber(order.created_at_ms)) .. ' old, and may be taken from '
      .. duration(tonumber(settings.min_residency_ms)) .. ' on, in ' .. until_then(until_ms) .. ' (rule 8)'
  end,
  cooldowns = function(order, until_ms)
    return 'cooldown', order.symbol .. ' was stolen from; its cooldown ends in ' .. until_then(until_ms)
      .. ' (rule 3)'
  end,
  fighting = function(order, until_ms)
    return 'fight', order.symbol .. ' is in a fight, for another ' .. until_then(until_ms) .. ' (rule 4)'
  end,
  often_robbed = function(order, until_ms)
    return 'often robbed', order.symbol .. ' was stolen from ' .. settings.max_robbed .. ' times within '
      .. duration(tonumber(settings.robbed_window_ms)) .. '; it is left alone for another '
      .. until_then(until_ms) .. ' (rule 9)'
  end,
}

-- order: its hash. Returns a word, and the end of a sentence.
local function protection(order)
  local rule, until_ms = unlisted(order, settings)
  if rule then return PROTECTIONS[rule](order, until_ms) end
  local price, _, text = price_of(order.symbol)
  if not price then return 'no price', order.symbol .. ' has no fresh price (rule 2)' end
  if not is_beyond(order.side, price, tonumber(order.edge_nanos) or 0) then
    local away, within = percent(distance(order.side, order.limit, text)),
      percent(tonumber(settings.protection))
    local sentence = 'at %s it is %s from its limit, within the protection of %s (rule 2)'
    return 'near', string.format(sentence, text, away, within)
  end
  rule, until_ms = symbol_protection(order.symbol)
  if rule then return PROTECTIONS[rule](order, until_ms) end
  return 'takeable', ''
end
