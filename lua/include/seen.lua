-- What a decision about an entry saw, for whoever records (docs/journal.md): the inputs that it would have
-- under other settings, too. Only while a recorder listens (lua/journal.lua); else nothing of this runs.
--
--   journal              stream   one entry a decision, the latest 200
--   recorded_until_ms    field of the account: health time until which decisions are written; 0: nobody
--                        listens
--   journal_seq          field of the account: how many were written, so that a reader sees what it missed

--- @include "integers"
--- @include "account"
--- @include "clock"
--- @include "settings"
--- @include "series"

local JOURNAL_LIMIT, JOURNAL_LIFE_MS = '200', '60000'
-- A larger book is not written: each order costs a read.
local BOOK_LIMIT, HISTORY_LIMIT = 1000, 2000

-- Of an order that may ever be a victim, in the order of its line.
local SEEN_FIELDS = { 'symbol', 'side', 'pool', 'limit', 'qty', 'pnl', 'fill_probability', 'held_micros',
  'held_pool_micros', 'held_cash_micros', 'filled_qty', 'created_at_ms', 'plan', 'hold_nanos', 'kind', 'mode',
  'state' }
local WRITTEN = 14

-- Could its plan go on with a smaller order (kept.lua)? Only asked while that is on.
local function can_go_on(id, plan_id)
  local series, attempt = series_of(id)
  local plan = redis.call('HMGET', PREFIX .. 'plan:' .. plan_id, 'stage', 'ended_at_ms', 'attempt',
    'withdraw_asked')
  return series == plan_id .. '_' and plan[1] and not plan[2] and not plan[4]
    and tonumber(plan[3] or 1) <= attempt
end

-- A line per working entry, "id field field ...", with - for what is empty; and the symbols. nil: too many.
local function seen_orders(settings)
  if redis.call('SCARD', PREFIX .. 'live') > BOOK_LIMIT then return nil end
  local lines, symbols = {}, {}
  for _, id in ipairs(redis.call('SMEMBERS', PREFIX .. 'live')) do
    local v = redis.call('HMGET', PREFIX .. 'order:' .. id, unpack(SEEN_FIELDS))
    if v[15] == 'entry' and v[16] == 'normal' and v[17] == 'working' then
      local plan = v[13] or ''
      if settings.partial == 1 and plan ~= '' and not can_go_on(id, plan) then v[13] = '' end
      local words = { id }
      for i = 1, WRITTEN do words[i + 1] = v[i] and v[i] ~= '' and v[i] or '-' end
      lines[#lines + 1] = table.concat(words, ' ')
      symbols[#symbols + 1] = v[1]
    end
  end
  return lines, symbols
end

-- "member score" each, of a range with scores
local function seen_set(flat)
  local lines = {}
  for i = 1, #flat, 2 do lines[#lines + 1] = flat[i] .. ' ' .. int(tonumber(flat[i + 1])) end
  return table.concat(lines, '\n')
end

-- "pool cap positions orders leverage" each; of cash without a leverage.
local function seen_pools()
  local lines = {}
  for name in string.gmatch((account['pools'] or 'total') .. ';cash', '[^;]+') do
    local v = redis.call('HMGET', KEYS[1], 'cap_micros:' .. name, 'positions_micros:' .. name,
      'orders_micros:' .. name, 'leverage:' .. name)
    if v[1] then
      -- What this call has changed already is not in Redis yet.
      for i, field in ipairs({ 'cap_micros:', 'positions_micros:', 'orders_micros:' }) do
        v[i] = int(number(field .. name))
      end
      lines[#lines + 1] = name .. ' ' .. v[1] .. ' ' .. v[2] .. ' ' .. v[3] .. ' ' .. (v[4] or '-')
    end
  end
  return table.concat(lines, '\n')
end

-- What a wish sees now, as fields and texts for write_journal.
local function seen_by(wish)
  local settings = read_settings('partial')
  local fields = { 'equity_micros', account['equity_micros'] or '0', 'pools', seen_pools(),
    'fingerprint', redis.call('HGET', PREFIX .. 'settings', 'fingerprint') or '' }
  local orders, symbols = seen_orders(settings)
  if not orders then
    fields[#fields + 1] = 'cut'
    fields[#fields + 1] = '1'
    return fields
  end
  symbols[#symbols + 1] = wish.symbol
  local quotes, lines = redis.call('HMGET', PREFIX .. 'quotes', unpack(symbols)), {}
  for i, symbol in ipairs(symbols) do
    if quotes[i] then lines[#lines + 1] = symbol .. ' ' .. quotes[i] end
  end
  local function latest(name)
    return seen_set(redis.call('ZRANGE', PREFIX .. name, -HISTORY_LIMIT, '-1', 'WITHSCORES'))
  end
  for name, text in pairs({ orders = table.concat(orders, '\n'), quotes = table.concat(lines, '\n'),
    steals = latest('steals'),
    taken = latest('taken'),
    cooldowns = latest('cooldowns'),
    fighting = latest('fighting'),
    often_robbed = latest('often_robbed') }) do
    fields[#fields + 1] = name
    fields[#fields + 1] = text
  end
  return fields
end

-- Called with the answer: outcome and numbers of the reply.
local function write_journal(wish, outcome, numbers)
  local seq = (tonumber(account['journal_seq']) or 0) + 1   -- an odd one starts anew and stops no order
  set('journal_seq', seq)
  redis.call('XADD', PREFIX .. 'journal', 'MAXLEN', JOURNAL_LIMIT, '*', 'seq', int(seq),
    'at_ms', int(now_ms), 'health_ms', int(health_ms), 'wish', table.concat(ARGV, '\n', 1, 15),
    'outcome', outcome, 'numbers', table.concat(numbers, '\n'), unpack(wish.seen))
  redis.call('PEXPIRE', PREFIX .. 'journal', JOURNAL_LIFE_MS)   -- its recorder may be gone
end
