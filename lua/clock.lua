-- clock: sets the ledger's clock. For harnesses only: a 60x demo, a replayed year, an edge at 299/300/301 s.
--
-- KEYS[1]   ws:{account}:account   hash
-- ARGV[1]   mode        real | scaled | manual
-- ARGV[2]   now_ms      ms since 1970: the ledger's time now (scaled, manual; ignored for real)
-- ARGV[3]   scale       decimal: ms of ledger time per real ms (scaled)
-- ARGV[4]   health_ms   ms: the health time (manual)
--
-- Reply: clock now_ms health_ms | unknown | invalid

--- @include "integers"
--- @include "decimal"
--- @include "arguments"
--- @include "account"
--- @include "clock"
--- @include "book"
--- @include "due"

local function a_clock_mode(text)
  if text ~= 'real' and text ~= 'scaled' and text ~= 'manual' then return nil, 'real, scaled or manual' end
  return text
end
local function a_scale(text)
  local value = tonumber(text)
  if not to_nanos(text) or value <= 0 or value > 1e6 then return nil, 'a decimal above 0, at most 1000000' end
  return value
end
local args, refusal = read_arguments('clock', 1,
  { 'mode', a_clock_mode, 'now_ms', an_amount, 'scale', a_scale, 'health_ms', an_amount })
if not args then return refusal end
load_book()
if not account['state'] then return { 'unknown', 'account', PREFIX } end
local time = redis.call('TIME')
local real_ms = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
set('clock_mode', args.mode)
set('clock_base_ms', args.now_ms)
set('clock_health_ms', args.mode == 'manual' and args.health_ms or real_ms)
set('clock_scale', ARGV[3])
read_clock()
bring_up_to_date()
return reply('clock', 'now_ms', int(now_ms), 'health_ms', int(health_ms))
