-- accept: a person approves the equity that was held back. The next reconciliation that reports about as much
-- raises the caps. The approval expires after an hour, or when the broker reports clearly less.
--
-- KEYS[1]   ws:{account}:account   hash
--
-- Reply: accepted equity_micros | nothing (no equity is held back) | unknown | invalid

--- @include "integers"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "events"

local args, refusal = read_arguments('accept', 1, {})
if not args then return refusal end
if not open_book() then return { 'unknown', 'account', PREFIX } end
local held_back = tonumber(redis.call('HGET', KEYS[1], 'equity_held_back_micros') or 0) or 0
if held_back == 0 then return reply('nothing') end
set('equity_accepted_micros', held_back)
set('equity_accepted_ms', health_ms)
emit('equity_accepted', 'equity_micros', int(held_back))
return reply('accepted', 'equity_micros', int(held_back))
