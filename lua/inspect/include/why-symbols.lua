-- What is on record of a symbol, and what an unknown id may have meant.

--- @include "integers"
--- @include "account"
--- @include "format"
--- @include "reply"
--- @include "near"
--- @include "plan-rows"
--- @include "refusal-words"
--- @include "why-words"
--- @include "why-wishes"

local CANDIDATES_SHOWN, PLANS_LOOKED, ENDED_LOOKED = 50, 5000, 500

-- An order as a row of the candidates.
local function order_candidate(order)
  local price = price_text(order.symbol)
  return { order.id, 'order', order.side, order.limit, price and distance(order.side, order.limit, price),
    order.state, nil, refusal_of(order.id) }
end

local function plan_candidate(id)
  local row = plan_row(id)
  return { id, 'plan', row[3], row[4], row[6], row[7], row[10], row[12] }
end

-- Unfinished plans, live orders that belong to none of them, refused wishes without a plan; how many plans
-- were looked at, and of how many.
local function open_candidates(symbol)
  local rows, listed_plans = {}, {}
  local plans, looked, all = find_plans('plans', PLANS_LOOKED, { symbol = symbol })
  sort_plans(plans, CANDIDATES_SHOWN)
  for i, plan in ipairs(plans) do
    rows[i], listed_plans[plan.id] = i <= CANDIDATES_SHOWN and plan_candidate(plan.id) or { plan.id }, true
  end
  for _, member in ipairs(redis.call('ZRANGEBYLEX', PREFIX .. 'sides', '[' .. symbol .. ' ', '(' .. symbol
    .. '!', 'LIMIT', 0, ENDED_LOOKED)) do
    local order = hash('order:' .. string.match(member, '(%S+)$'))
    if order.id and not listed_plans[order.plan or ''] then rows[#rows + 1] = order_candidate(order) end
  end
  for _, id in ipairs(redis.call('ZREVRANGE', PREFIX .. 'refusals', 0, ENDED_LOOKED - 1)) do
    local r = redis.call('HMGET', PREFIX .. 'refusal:' .. id, 'symbol', 'plan', 'side', 'limit')
    if r[1] == symbol and r[2] == '' and redis.call('EXISTS', PREFIX .. 'order:' .. id) == 0 then
      local price = price_text(symbol)
      rows[#rows + 1] = { id, 'refused', r[3], r[4], price and distance(r[3], r[4], price), nil, nil,
        refusal_of(id) }
    end
  end
  return rows, looked, all
end

-- The latest plans and orders that ended; orders of those plans are left out.
local function ended_candidates(symbol)
  local rows, listed_plans = {}, {}
  local plans = find_plans('plans_done', ENDED_LOOKED, { symbol = symbol })
  for i, plan in ipairs(plans) do
    rows[i], listed_plans[plan.id] = i <= CANDIDATES_SHOWN and plan_candidate(plan.id) or { plan.id }, true
  end
  for _, id in ipairs(redis.call('ZREVRANGE', PREFIX .. 'ended', 0, ENDED_LOOKED - 1)) do
    local order = hash('order:' .. id)
    if order.symbol == symbol and not listed_plans[order.plan or ''] then
      rows[#rows + 1] = order_candidate(order)
    end
  end
  return rows
end

-- Explains the only plan or order of a symbol, or lists them; false where there is none. Those that have
-- ended count only where nothing else is on record.
local function explain_symbol(symbol)
  local rows, looked, plans = open_candidates(symbol)
  local kind, examined = '', ''
  if looked < plans then examined = ' (' .. int(looked) .. ' of ' .. int(plans) .. ' plans examined)' end
  if #rows == 0 then rows, kind, examined = ended_candidates(symbol), 'ended ', '' end
  if #rows == 0 then return false end
  if #rows == 1 then return explain_wish(rows[1][1]) end
  local all = #rows
  for _ = CANDIDATES_SHOWN + 1, all do table.remove(rows) end
  values[#values + 1] = { 'symbol', symbol }
  add_table('candidates', string.format('%splans and orders of %s: %.0f%s; ask for one of them', kind, symbol,
    all, examined), { { 'ID', 'id', nil, 1 }, { 'IS', 'kind', nil, 6 }, { 'SIDE', 'side', nil, 5 },
    { 'LIMIT', 'limit', nil, 4 }, { 'DISTANCE', 'distance', percent, 3 }, { 'STATE', 'state', nil, 1 },
    { 'ORDER', 'order', nil, 6 }, { 'LAST REFUSAL', 'refusal', refusal_words, 2 } }, rows, all - #rows)
  values[#values + 1] = { 'more', all - #rows }
  return true
end

-- 0 to 2: so many letters differ; 3: it is a part; nil: they are not alike.
local function likeness(one, wanted)
  local most = #wanted > 3 and 2 or 1
  local differing = edits(one, wanted, most)
  if differing <= most then return differing end
  return #wanted > 2 and string.find(one, wanted, 1, true) and 3 or nil
end

-- Ids and symbols that are like the one that was looked for, the most alike first; three at most.
local function near_ids(id, symbol)
  local found, seen = {}, {}
  local function look_at(list, wanted)
    for _, one in ipairs(list) do
      local alike = not seen[one] and likeness(one, wanted)
      if alike then found[#found + 1], seen[one] = { one, alike }, true end
    end
  end
  look_at(redis.call('ZRANGE', PREFIX .. 'plans', 0, 1999), id)
  look_at(redis.call('SSCAN', PREFIX .. 'live', '0', 'COUNT', 1000)[2], id)
  look_at(redis.call('ZREVRANGE', PREFIX .. 'plans_done', 0, 499), id)
  look_at(redis.call('ZREVRANGE', PREFIX .. 'ended', 0, 499), id)
  if symbol and redis.call('HLEN', PREFIX .. 'quotes') <= 2000 then
    look_at(redis.call('HKEYS', PREFIX .. 'quotes'), symbol)
  end
  table.sort(found, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  local ids = {}
  for i = 1, math.min(3, #found) do ids[i] = found[i][1] end
  return ids
end

-- What was looked for and not found, and what may have been meant.
local function unknown_words(id, symbol, is_steal)
  if is_steal then
    local later = string.match(id, '#(.+)$')
    return 'UNKNOWN there is no steal "' .. clean(id) .. '" in the history, which is kept for '
      .. duration(tonumber(settings.history_ttl_ms)) .. '; its thief would be order ' .. clean(later)
  end
  local near = near_ids(id, symbol)
  return 'UNKNOWN there is no order, plan or refusal "' .. clean(id) .. '" on record'
    .. (symbol and ', and none of a symbol ' .. symbol or '')
    .. '; refusals are kept for 60 min, ended orders for ' .. duration(tonumber(settings.history_ttl_ms))
    .. (#near > 0 and '; did you mean ' .. table.concat(near, ', ') .. '?' or '')
end
