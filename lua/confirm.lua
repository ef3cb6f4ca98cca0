-- confirm: the broker's answer about the position of a symbol, for an exit whose position was not confirmed
-- recently (lua/include/holdings.lua). It changes no position and no sum; for a short time, exits are checked
-- against it.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   symbol      one spelling
-- ARGV[2]   side        long | short | none
-- ARGV[3]   qty         decimal units held, 0 for none
-- ARGV[4]   free        decimal units that no order at the broker holds
-- ARGV[5]   started_ms  health time before the broker was asked
-- ARGV[6]   server_id   `<run id>:<replication id>` of the Redis server that the caller believes it talks to
--
-- Reply: confirmed | exists (this answer, or one to a later question, is known) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"

local function a_holding_side(text)
  if text ~= 'long' and text ~= 'short' and text ~= 'none' then return nil, 'long, short or none' end
  return text
end
local args, refusal = read_arguments('confirm', 1,
  { 'symbol', a_symbol, 'side', a_holding_side, 'qty', a_filled_quantity, 'free', a_filled_quantity,
  'started_ms', an_amount, 'server_id', any_text })
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local answer = int(args.started_ms) .. ' ' .. args.side .. ' ' .. args.qty .. ' ' .. args.free .. ' '
  .. args.server_id
local before, started = string.match(redis.call('HGET', PREFIX .. 'confirmed', args.symbol) or '',
  '^%d+ ((%d+) .*)$')
if before == answer or (started and tonumber(started) > args.started_ms) then return reply('exists') end
redis.call('HSET', PREFIX .. 'confirmed', args.symbol, int(health_ms) .. ' ' .. answer)
return reply('confirmed')
