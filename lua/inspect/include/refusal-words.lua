-- A refusal in a few words; src/domain/outcome.ts has the same list as sentences, and a test compares both.

--- @include "account"
--- @include "clock"
--- @include "format"

local REFUSAL_WORDS = {
  halted = 'the account is halted',
  closed = 'the account is closed for entries',
  unsynced = 'the ledger was not reconciled lately',
  opposite = 'the symbol is held or ordered on the other side',
  no_position = 'no position to close',
  unconfirmed = 'its position was not confirmed recently',
  untakeable = 'the broker does not accept such an order',
  disabled = 'it may not steal: switched off, or settings differ',
  no_price = 'no fresh price',
  not_close_enough = 'too far from its limit to steal',
  barred = 'it may not steal for a while',
  no_candidates = 'no order may be a victim',
  fighting = 'a steal would be a fight',
  pnl_not_better = 'its PnL is not enough better',
  insufficient_freed = 'what it beats frees too little',
  too_many_victims = 'it would need too many victims',
  budget_spent = 'steals took as much lately as they may',
}

-- refusal: {{'reason', r}, {'atMs', ms}, {'times', n}}, as it stands in JSON.
local function refusal_words(refusal)
  local reason, at_ms, times = refusal[1][2], refusal[2][2], refusal[3][2]
  return (REFUSAL_WORDS[reason] or reason) .. ' (' .. reason .. '), ' .. since(at_ms) .. ' ago'
    .. (times > 1 and string.format(', %.0f times', times) or '')
end

-- The last refusal of a plan, or of an order without one; nil for none.
local function refusal_of(id)
  local r = redis.call('HMGET', PREFIX .. 'refusal:' .. id, 'reason', 'at_ms', 'times')
  if not r[1] then return nil end
  return { { 'reason', r[1] }, { 'atMs', tonumber(r[2]) }, { 'times', tonumber(r[3]) } }
end
