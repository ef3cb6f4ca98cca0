-- sync: the end of a reconciliation, with the equity and positions that the broker reports. Opens the account
-- for admission on this server (I8). More exposure counts on the first report. Less exposure, or an equity
-- that raises the caps, takes two reports far enough apart (I1). What changed here since the broker was asked
-- is left for the next time (docs/architecture.md, 5.8; docs/decisions/0020).
--
-- When a lost book is rebuilt, the first report counts as it is, but does not open the account: what filled
-- just before its orders were listed may not be in it yet. A report apart_ms later has that, and opens the
-- account (I1; docs/decisions/0049).
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    server_id       `<run id>:<replication id>` of the Redis server
-- ARGV[2]    equity_micros   micro-USD
-- ARGV[3]    started_ms      health time at which the reconciliation began (of snapshot)
-- ARGV[4]    created         of the account, as snapshot returned it: data from before a wipe must not open
--                            the new book; '' for no check (what-if, tests)
-- ARGV[5]    apart_ms        health time: the least time between two reports of a lower position; the
--                            broker's lag
-- ARGV[6]    raise_ms        health time: the same for an equity that raises the caps
-- ARGV[7]    jump            decimal: an equity higher by more than this share waits for a person (accept);
--                            0: none waits
-- ARGV[8]    at_once         1: the first report opens a lost book (a new account)
-- ARGV[9..]  symbol, side (long | short), qty, cost_micros, pool ('' for none): the broker's positions, at
--            most 2000
--
-- Reply: synced rebuilt (0 | 1) generation corrected: "SYMBOL;..." doubted: "SYMBOL;..." equity_micros (in
-- force) held_back_micros (waits for a person; 0: none) | settling left_ms (health time until a report may
-- open the account) | exists (older than the last one, or of a wiped book) | unknown | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"
--- @include "positions"
--- @include "exits"
--- @include "sides"
--- @include "plan-symbols"
--- @include "plan-symbols-whole"
--- @include "plan-symbols-audit"
--- @include "closures"
--- @include "equity"
--- @include "waiting"
--- @include "settling"

local function a_position_side(text)
  if text ~= 'long' and text ~= 'short' then return nil, 'long or short' end
  return text
end
local function a_jump(text)
  local value = to_nanos(text)
  if not value or value < 0 or value > 1e12 then return nil, 'a decimal from 0 to 1000' end
  return value
end
local args, refusal = read_arguments('sync', 1, { 'server_id', any_text, 'equity_micros', an_amount,
  'started_ms', an_amount, 'created', any_text, 'apart_ms', a_duration, 'raise_ms', a_duration,
  'jump', a_jump, 'at_once', a_flag }, #ARGV)
if not args then return refusal end
if args.server_id == '' then return invalid('sync', 'server_id', '', 'the id of the server') end
if (#ARGV - 8) % 5 ~= 0 or #ARGV > 10008 then
  return invalid('sync', 'ARGV', tostring(#ARGV),
    'after at_once five arguments a position, at most 2000 positions')
end
local POSITION = { 'symbol', a_symbol, 'side', a_position_side, 'qty', a_quantity, 'cost_micros', an_amount,
  'pool', a_pool }
local told, symbols, sum = {}, {}, 0
for i = 9, #ARGV, 5 do
  local position, wrong = read_arguments('sync', i, POSITION, #ARGV)
  if not position then return wrong end
  local _, whole, nanos = split_decimal(position.qty)
  position.qty = quantity_text(whole, nanos)
  sum = sum + position.cost_micros
  if sum > MAX_INTEGER then
    return invalid('sync', 'cost_micros', ARGV[i + 3], 'costs that add up to less than 2^53 micro-USD')
  end
  told[position.symbol] = position
  symbols[#symbols + 1] = position.symbol
end
if not open_book() then return { 'unknown', 'account', PREFIX } end
for _, symbol in ipairs(symbols) do
  if not has_pool(told[symbol].pool) then
    return reply(unpack(invalid('sync', 'pool', told[symbol].pool, 'a pool of the account')))
  end
end
local more = redis.call('HMGET', KEYS[1], 'sync_started_ms', 'generation', 'pools', 'created')
if args.created ~= '' and args.created ~= more[4] then return reply('exists') end
local rebuilt = number('synced_at_ms') == 0 or account['server_id'] ~= args.server_id
-- An account of which a first report is on record is not new, whatever the keeper sees of it now.
local at_once = (args.at_once and (account['settling'] or '') == '') or args.apart_ms == 0
local settling_ms = settling_since(args.server_id)
local is_first = rebuilt and (at_once or not settling_ms)
number('recalled') -- fails where it is no number, as admit would: the keeper mends it after
if not rebuilt and tonumber(more[1] or 0) > args.started_ms then return reply('exists') end
local equity = supported_equity(args)
local caps = {}
for pool in string.gmatch(more[3], '[^;]+') do
  local cap = scale_nanos(equity.in_force, to_nanos(redis.call('HGET', KEYS[1], 'leverage:' .. pool)))
  if not cap then
    return reply(unpack(invalid('sync', 'equity_micros', ARGV[2], 'a cap below 2^53 micro-USD')))
  end
  caps[pool] = cap
end
-- for exits (holdings)
if number('positions_lag_ms') ~= args.apart_ms then set('positions_lag_ms', args.apart_ms) end

for _, symbol in ipairs(redis.call('SMEMBERS', PREFIX .. 'positions')) do
  if not told[symbol] then
    told[symbol] = false
    symbols[#symbols + 1] = symbol
  end
end
-- Could all higher costs be counted? Doubted positions stay as they are until the next time.
local ours_by, more_micros = {}, 0
for _, symbol in ipairs(symbols) do
  local theirs, ours = told[symbol], read_position(symbol)
  ours_by[symbol] = ours
  if theirs then more_micros = more_micros + math.max(0, theirs.cost_micros - (ours and ours.cost or 0)) end
end
if not is_countable(more_micros) then
  return reply(unpack(invalid('sync', 'cost_micros', int(more_micros),
    'costs that add up with all that counts to less than 2^53 micro-USD')))
end
-- Differences seen before: "started_ms doubt". The same reconciliation sent again is not a second report
-- (I6).
local doubts = {}
for _, pair in ipairs({ redis.call('HGETALL', PREFIX .. 'doubts') }) do
  for i = 1, #pair, 2 do doubts[pair[i]] = pair[i + 1] end
end
redis.call('DEL', PREFIX .. 'doubts')

-- What live orders could still add to a position of the symbol, in units and in micro-USD: that much counts
-- already, as those orders. The broker's cost uses an average price, which is off by less than a micro-USD
-- per unit.
local pending_by = nil
local function pending(symbol, side)
  if not pending_by then
    pending_by = {}
    for _, id in ipairs(redis.call('SMEMBERS', PREFIX .. 'live')) do
      local order = redis.call('HMGET', PREFIX .. 'order:' .. id, 'symbol', 'side', 'qty', 'filled_qty',
        'sent_at_ms', 'held_micros')
      if order[1] and (tonumber(order[5]) or 0) > 0 then
        local key = order[1] .. ' ' .. (order[2] == 'buy' and 'long' or 'short')
        local sum = pending_by[key] or { units = 0, micros = 0 }
        local units = tonumber(order[3]) - tonumber(order[4] or 0)
        sum.units, sum.micros = sum.units + units,
          sum.micros + (tonumber(order[6] or 0) or 0) + math.ceil(units)
        pending_by[key] = sum
      end
    end
  end
  return pending_by[symbol .. ' ' .. side] or { units = 0, micros = 0 }
end

-- Does the broker report more than counts here?
local function raises(theirs, ours)
  if not theirs or theirs.cost_micros <= (ours and ours.cost or 0) then return false end
  local ours_units, ours_micros = 0, 0
  if ours and ours.side == theirs.side then ours_units, ours_micros = tonumber(ours.qty), ours.cost end
  local could = pending(theirs.symbol, theirs.side)
  return tonumber(theirs.qty) - ours_units > could.units or theirs.cost_micros - ours_micros > could.micros
end

-- The doubt to compare next time; then whether the position is larger. For a larger one it is the surplus in
-- units, because our own fills, which both sides count, leave that unchanged.
local function doubt_of(theirs, ours, said)
  if not theirs or (ours and ours.side ~= theirs.side) then return said, false end
  local _, whole, nanos = split_decimal(theirs.qty)
  local _, our_whole, our_nanos = split_decimal(ours and ours.qty or '0')
  if quantity_compare(whole, nanos, our_whole, our_nanos) <= 0
    or theirs.cost_micros <= (ours and ours.cost or 0) then
    return said, false
  end
  local more = quantity_text(quantity_minus(whole, nanos, our_whole, our_nanos))
  return 'more ' .. theirs.side .. ' ' .. more, true
end

local function text_of(side, qty, micros)
  return side .. ' ' .. qty .. ' ' .. int(micros)
end

local corrected, doubted = {}, {}
for _, symbol in ipairs(symbols) do
  local theirs, ours = told[symbol], ours_by[symbol]
  local said = theirs and text_of(theirs.side, theirs.qty, theirs.cost_micros) or 'none'
  local had = ours and text_of(ours.side, ours.qty, ours.cost) or 'none'
  local more_than_heard = rebuilt and not is_first and unheard(theirs, ours, args)
  if said ~= had or more_than_heard then
    local touched = touched_at(symbol)
    local doubt, is_more = doubt_of(theirs, ours, said)
    local seen_ms, doubted_text = string.match(doubts[symbol] or '', '^(%d+) (.*)$')
    if doubted_text ~= doubt then seen_ms = ARGV[3] end
    local seen_twice = tonumber(seen_ms) < args.started_ms
      and tonumber(seen_ms) + args.apart_ms <= args.started_ms
    if more_than_heard then
      theirs = more_than_heard
      said = text_of(theirs.side, theirs.qty, theirs.cost_micros)
    end
    if is_first or more_than_heard or (not rebuilt and touched < args.started_ms and raises(theirs, ours))
      or (touched + (is_more and 0 or args.apart_ms) < args.started_ms and seen_twice) then
      local pool = theirs and theirs.pool or ''
      if ours then count_position(ours.pool, -ours.cost) end
      if theirs then count_position(pool, theirs.cost_micros) end
      if theirs and ours and theirs.side ~= ours.side then
        redis.call('HDEL', PREFIX .. 'position:' .. symbol, 'plan')
      end
      write_position(symbol, theirs and theirs.side, theirs and theirs.qty, theirs and theirs.cost_micros,
        pool)
      if more_than_heard then note_first(told[symbol]) end
      if not (theirs and ours and theirs.side == ours.side and theirs.qty == ours.qty) then
        redis.call('HSET', PREFIX .. 'told', symbol, health_ms)
      end
      corrected[#corrected + 1] = symbol
      emit('corrected', 'symbol', symbol, 'was', had, 'is', said)
    else
      redis.call('HSET', PREFIX .. 'doubts', symbol, seen_ms .. ' ' .. doubt)
      doubted[#doubted + 1] = symbol
    end
  end
end

if rebuilt and not at_once then
  if is_first then
    settling_ms = health_ms
    begin_settling(args.server_id, told)
  end
  local left_ms = settling_ms + args.apart_ms - args.started_ms
  if left_ms > 0 then return reply('settling', 'left_ms', int(left_ms)) end
end

for pool, cap in pairs(caps) do
  pool_fields(pool)
  set('cap_micros:' .. pool, cap)
end
account.news.freed = true
keep_equity(equity, args)
set('server_id', args.server_id)
set('synced_at_ms', health_ms)
set('sync_started_ms', args.started_ms)
local generation = (tonumber(more[2]) or 0) + (rebuilt and 1 or 0)
set('generation', generation)
if rebuilt or redis.call('ZCARD', PREFIX .. 'sides') ~= redis.call('SCARD', PREFIX .. 'live') then
  recount_sides()
end
local is_index_right = is_plan_index_whole()
audit_plan_symbols(function() is_index_right = false end)
if rebuilt or not is_index_right then reindex_plans() end
if rebuilt then
  set('rebuilt_ms', health_ms)
  end_settling()
  redis.call('DEL', PREFIX .. 'told', PREFIX .. 'unsure', PREFIX .. 'confirmed')
  recount_exits()
  forget_queue()
  reopen_account('fault')
  emit('rebuilt', 'generation', int(generation))
end
return reply('synced', 'rebuilt', rebuilt and '1' or '0', 'generation', int(generation),
  'corrected', table.concat(corrected, ';'), 'doubted', table.concat(doubted, ';'),
  'equity_micros', int(equity.in_force), 'held_back_micros', int(equity.held_back))
