-- host-note: the heartbeat of a process, with its settings and, from a watcher, what it sees of its plans. A
-- host is forgotten after 15 s without one; beyond 256 hosts, those silent for longest are forgotten too.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   host          the process, [A-Za-z0-9_-]{1,64}
-- ARGV[2]   role          watch | work | keep | plan | ...
-- ARGV[3]   fingerprint   of its settings
-- ARGV[4]   session       from a watcher: "open ms" or "closed ms", with the ledger time at which that ends;
--                         else ''
-- ARGV[5]   tiers         from a watcher: "name tolerance count;...", its waiting plans by how near the price
--                         must come; else ''
-- ARGV[6]   cryptos       from a watcher: "SYMBOL pnl;...", its active cryptos; else ''
-- ARGV[7]   trouble       why it stands aside, for people; else ''
-- ARGV[8]   unpriced      from a watcher: "SYMBOL words;...", its symbols without a usable quote, and why;
--                         else ''
--
-- Reply: noted fingerprint (of the account's settings) cryptos ("SYMBOL pnl;..." of all other hosts) |
-- unknown | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"

local HOST_LIFE_MS, HOST_LIMIT = 15000, 256

local function a_session(text)
  if text ~= '' and not string.find(text, '^open %d+$') and not string.find(text, '^closed %d+$') then
    return nil, '"open ms" or "closed ms", or empty'
  end
  return any_text(text)
end
local function some_tiers(text)
  for tier in string.gmatch(text == '' and '' or text .. ';', '([^;]*);') do
    local tolerance, count = string.match(tier, '^%a+ (%S+) (%d+)$')
    if not count or #count > 16 or (tolerance ~= 'any' and not to_nanos(tolerance)) then
      return nil, '"name tolerance count;..."'
    end
  end
  return any_text(text)
end
-- All other hosts read them, so an invalid symbol or PnL is refused here.
local function some_cryptos(text)
  if #text > 20000 then return nil, 'at most 20000 characters' end
  for crypto in string.gmatch(text == '' and '' or text .. ';', '([^;]*);') do
    local symbol, pnl = string.match(crypto, '^(%S+) (%S+)$')
    if not symbol or not a_symbol(symbol) or not a_pnl(pnl) then return nil, '"SYMBOL pnl;..."' end
  end
  return text
end
local function some_unpriced(text)
  if #text > 20000 or string.find(text, '%c') then
    return nil, 'at most 20000 characters, no control characters'
  end
  for symbol in string.gmatch(text == '' and '' or text .. ';', '([^; ]*) ?[^;]*;') do
    if not a_symbol(symbol) then return nil, '"SYMBOL words;..."' end
  end
  return text
end
local args, refusal = read_arguments('host-note', 1, { 'host', an_id, 'role', an_id, 'fingerprint', any_text,
  'session', a_session, 'tiers', some_tiers, 'cryptos', some_cryptos, 'trouble', any_text,
  'unpriced', some_unpriced })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end

redis.call('ZADD', PREFIX .. 'hosts', int(health_ms), args.host)
redis.call('HSET', PREFIX .. 'host:' .. args.host, 'role', args.role, 'fingerprint', args.fingerprint,
  'session', args.session, 'tiers', args.tiers, 'cryptos', args.cryptos, 'trouble', args.trouble,
  'unpriced', args.unpriced, 'seen_ms', health_ms)

local cryptos, over = {}, redis.call('ZCARD', PREFIX .. 'hosts') - HOST_LIMIT
local seen = redis.call('ZRANGE', PREFIX .. 'hosts', '0', '-1', 'WITHSCORES')
for i = 1, #seen, 2 do
  local host = seen[i]
  if i / 2 < over or tonumber(seen[i + 1]) < health_ms - HOST_LIFE_MS then
    redis.call('ZREM', PREFIX .. 'hosts', host)
    redis.call('DEL', PREFIX .. 'host:' .. host)
  elseif host ~= args.host then
    local text = redis.call('HGET', PREFIX .. 'host:' .. host, 'cryptos')
    if text and text ~= '' then cryptos[#cryptos + 1] = text end
  end
end
return reply('noted', 'fingerprint', redis.call('HGET', PREFIX .. 'settings', 'fingerprint') or '',
  'cryptos', table.concat(cryptos, ';'))
