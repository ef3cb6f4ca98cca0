-- may this order be taken now, by a thief that beats it? Else which rule protects it (docs/rules.md, 5)
local FINAL = { filled = true, cancelled = true, rejected = true, expired = true }

-- order: its hash. Returns a word, and the same as the end of a sentence.
local function protection(order)
  if FINAL[order.state] then return 'ended', 'it has ended' end
  if order.state == 'cancelling' then return 'cancelling', 'it is being cancelled already' end
  if order.state ~= 'working' then return 'reservation', 'it does not work at the broker yet (rule 1)' end
  if order.kind ~= 'entry' then return order.kind, 'only entries can be victims, it is ' .. order.kind .. ' (rule 1)' end
  if order.mode ~= 'normal' then return 'probe', 'a probe is never a victim (rule 1)' end
  if redis.call('SISMEMBER', PREFIX .. 'vip', order.symbol) == 1 then return 'vip', order.symbol .. ' is a VIP symbol (rule 1)' end
  local price, _, text = price_of(order.symbol)
  if not price then return 'no price', order.symbol .. ' has no fresh price (rule 2)' end
  local edge = tonumber(order.edge_nanos) or 0
  if (order.side == 'buy' and price <= edge) or (order.side == 'sell' and price >= edge) then
    local away, within = percent(distance(order.side, order.limit, text)), percent(tonumber(settings.protection))
    return 'near', string.format('at %s it is %s from its limit, within the protection of %s (rule 2)', text, away, within)
  end
  local cooling = tonumber(redis.call('ZSCORE', PREFIX .. 'cooldowns', order.symbol) or 0)
  if cooling > now_ms then
    return 'cooldown', order.symbol .. ' was stolen from; its cooldown ends in ' .. until_then(cooling) .. ' (rule 3)'
  end
  local fighting = tonumber(redis.call('ZSCORE', PREFIX .. 'fighting', order.symbol) or 0)
  if fighting > now_ms then return 'fight', order.symbol .. ' is in a fight, for another ' .. until_then(fighting) .. ' (rule 4)' end
  return 'takeable', ''
end
