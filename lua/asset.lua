-- asset: the broker's data on a symbol, cached for all hosts of the account. Only the caller interprets it;
-- no rule of the ledger reads it.
--
-- KEYS[1]   ws:{account}:account   hash; the texts are in ws:{account}:assets, hash: symbol -> "told_ms text"
-- ARGV[1]   symbol       one spelling
-- ARGV[2]   text         the broker's answer, 1 to 500 characters; '' reads the stored one
-- ARGV[3]   max_age_ms   ms of health time; an older answer is not used
--
-- Reply: noted | known text age_ms | none | unknown (no such account) | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"

-- Beyond this many symbols, the cache is emptied.
local ASSET_LIMIT = 10000

local function an_asset(text)
  if #text > 500 then return nil, 'at most 500 characters' end
  return text
end

local args, refusal = read_arguments('asset', 1,
  { 'symbol', a_symbol, 'text', an_asset, 'max_age_ms', a_duration })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
if args.text ~= '' then
  if redis.call('HLEN', PREFIX .. 'assets') >= ASSET_LIMIT then redis.call('DEL', PREFIX .. 'assets') end
  redis.call('HSET', PREFIX .. 'assets', args.symbol, int(health_ms) .. ' ' .. args.text)
  return reply('noted')
end
local told_ms, text = string.match(redis.call('HGET', PREFIX .. 'assets', args.symbol) or '', '^(%d+) (.*)$')
local age_ms = told_ms and health_ms - tonumber(told_ms)
if not age_ms or age_ms < 0 or age_ms > args.max_age_ms then return reply('none') end
return reply('known', 'text', text, 'age_ms', int(age_ms))
