-- sync: the end of a reconciliation: equity and positions as the broker tells them. Opens the account for admission on
-- this server (I8). A position is corrected when the same difference was seen twice, at once when the book is rebuilt;
-- what changed here since the broker was asked is left for the next time (architecture.md, section 5.8).
--
-- KEYS[1]    ws:{account}:account   hash
-- ARGV[1]    server_id       `<run id>:<replication id>` of the Redis server
-- ARGV[2]    equity_micros   micro-USD
-- ARGV[3]    started_ms      health time at which the reconciliation began (of snapshot)
-- ARGV[4]    created         of the account as snapshot saw it: a book that was wiped and made anew since is not opened by what was
--                            learned before; '' where nobody wipes (what-if, tests)
-- ARGV[5..]  symbol, side (long | short), qty, cost_micros, pool ('' for none): the broker's positions, at most 2000
--
-- Reply: synced rebuilt (0 | 1) generation corrected: "SYMBOL;..." doubted: "SYMBOL;..." | exists (an older one than the
--   last, or of a book that is gone) | unknown | invalid

--- @include "book"
--- @include "positions"
--- @include "exits"
--- @include "closures"

local function a_position_side(text)
  if text ~= 'long' and text ~= 'short' then return nil, 'long or short' end
  return text
end
local args, refusal = read_arguments('sync', 1, { 'server_id', any_text, 'equity_micros', an_amount, 'started_ms', an_amount, 'created', any_text },
  #ARGV)
if not args then return refusal end
if args.server_id == '' then return invalid('sync', 'server_id', '', 'the id of the server') end
if (#ARGV - 4) % 5 ~= 0 or #ARGV > 10004 then
  return invalid('sync', 'ARGV', tostring(#ARGV), 'after created five arguments a position, at most 2000 positions')
end
local POSITION = { 'symbol', a_symbol, 'side', a_position_side, 'qty', a_quantity, 'cost_micros', an_amount, 'pool', a_pool }
local told, symbols, sum = {}, {}, 0
for i = 5, #ARGV, 5 do
  local position, wrong = read_arguments('sync', i, POSITION, #ARGV)
  if not position then return wrong end
  local _, whole, nanos = split_decimal(position.qty)
  position.qty = quantity_text(whole, nanos)
  sum = sum + position.cost_micros
  if sum > MAX_INTEGER then return invalid('sync', 'cost_micros', ARGV[i + 3], 'costs that add up to less than 2^53 micro-USD') end
  told[position.symbol] = position
  symbols[#symbols + 1] = position.symbol
end
if not open_book() then return { 'unknown', 'account', PREFIX } end
for _, symbol in ipairs(symbols) do
  if not has_pool(told[symbol].pool) then return reply(unpack(invalid('sync', 'pool', told[symbol].pool, 'a pool of the account'))) end
end
local more = redis.call('HMGET', KEYS[1], 'sync_started_ms', 'generation', 'pools', 'created')
if args.created ~= '' and args.created ~= more[4] then return reply('exists') end
local caps = {}
for pool in string.gmatch(more[3], '[^;]+') do
  local cap = scale_nanos(args.equity_micros, to_nanos(redis.call('HGET', KEYS[1], 'leverage:' .. pool)))
  if not cap then return reply(unpack(invalid('sync', 'equity_micros', ARGV[2], 'a cap below 2^53 micro-USD'))) end
  caps[pool] = cap
end
local rebuilt = number('synced_at_ms') == 0 or account['server_id'] ~= args.server_id
if not rebuilt and tonumber(more[1] or 0) > args.started_ms then return reply('exists') end

for _, symbol in ipairs(redis.call('SMEMBERS', PREFIX .. 'positions')) do
  if not told[symbol] then
    told[symbol] = false
    symbols[#symbols + 1] = symbol
  end
end
-- What may be counted until the next time: what is doubted stays as it is.
local ours_by, more_micros = {}, 0
for _, symbol in ipairs(symbols) do
  local theirs, ours = told[symbol], read_position(symbol)
  ours_by[symbol] = ours
  if theirs then more_micros = more_micros + math.max(0, theirs.cost_micros - (ours and ours.cost or 0)) end
end
if not is_countable(more_micros) then
  return reply(unpack(invalid('sync', 'cost_micros', int(more_micros), 'costs that add up with all that counts to less than 2^53 micro-USD')))
end
-- A difference that was seen: "started_ms what was told"; the same reconciliation sent again is no second sighting (I6).
local doubts = {}
for _, pair in ipairs({ redis.call('HGETALL', PREFIX .. 'doubts') }) do
  for i = 1, #pair, 2 do doubts[pair[i]] = pair[i + 1] end
end
redis.call('DEL', PREFIX .. 'doubts')

local corrected, doubted = {}, {}
for _, symbol in ipairs(symbols) do
  local theirs, ours = told[symbol], ours_by[symbol]
  local said = theirs and (theirs.side .. ' ' .. theirs.qty .. ' ' .. int(theirs.cost_micros)) or 'none'
  local had = ours and (ours.side .. ' ' .. ours.qty .. ' ' .. int(ours.cost)) or 'none'
  if said ~= had then
    local touched = tonumber(redis.call('HGET', PREFIX .. 'position:' .. symbol, 'updated_ms')
      or redis.call('HGET', PREFIX .. 'closed', symbol) or 0)
    local seen_ms, doubted_text = string.match(doubts[symbol] or '', '^(%d+) (.*)$')
    if doubted_text ~= said then seen_ms = ARGV[3] end
    if rebuilt or (touched < args.started_ms and tonumber(seen_ms) < args.started_ms) then
      local pool = theirs and theirs.pool or ''
      if ours then count_position(ours.pool, -ours.cost) end
      if theirs then count_position(pool, theirs.cost_micros) end
      write_position(symbol, theirs and theirs.side, theirs and theirs.qty, theirs and theirs.cost_micros, pool)
      if not (theirs and ours and theirs.side == ours.side and theirs.qty == ours.qty) then
        redis.call('HSET', PREFIX .. 'told', symbol, health_ms)
      end
      corrected[#corrected + 1] = symbol
      emit('corrected', 'symbol', symbol, 'was', had, 'is', said)
    else
      redis.call('HSET', PREFIX .. 'doubts', symbol, seen_ms .. ' ' .. said)
      doubted[#doubted + 1] = symbol
    end
  end
end

for pool, cap in pairs(caps) do
  pool_fields(pool)
  set('cap_micros:' .. pool, cap)
end
set('equity_micros', args.equity_micros)
set('server_id', args.server_id)
set('synced_at_ms', health_ms)
set('sync_started_ms', args.started_ms)
local generation = (tonumber(more[2]) or 0) + (rebuilt and 1 or 0)
set('generation', generation)
if rebuilt then
  set('rebuilt_ms', health_ms)
  redis.call('DEL', PREFIX .. 'told', PREFIX .. 'unsure', PREFIX .. 'confirmed')
  recount_exits()
  reopen_account('fault')
  emit('rebuilt', 'generation', int(generation))
end
return reply('synced', 'rebuilt', rebuilt and '1' or '0', 'generation', int(generation), 'corrected', table.concat(corrected, ';'),
  'doubted', table.concat(doubted, ';'))
