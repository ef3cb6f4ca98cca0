-- what-if: what would become of a wish now? Runs `admit`, and `steal` where that answers `blocked`, on a view
-- of the live book (view): the commands themselves, so no rule stands here a second time. Writes nothing
-- (EVAL_RO).
--
-- KEYS[1]   ws:{account}:account   hash   the account; the other keys are built from its prefix, in its slot
-- ARGV[1..17]   as of admit (lua/admit.lua)
-- ARGV[18]      fingerprint of the host's settings, as of steal (lua/steal.lua)
--
-- Reply: {outcome, field, value, ...}, as of admit, or as of steal if it would have to steal; an error `FAULT
-- message` where the book is inconsistent.

--- @include "view"

local function admit(ARGV)
  --- @include "admit"
end

local function steal(ARGV)
  --- @include "steal"
end

local ARGUMENTS = 18
if #ARGV ~= ARGUMENTS then
  return { 'invalid', 'command', 'what-if', 'field', 'ARGV', 'value', tostring(#ARGV), 'expected', ARGUMENTS
    .. ' arguments' }
end

local function decide()
  local answer = admit({ unpack(ARGV, 1, 17) })
  if answer[1] ~= 'blocked' then return answer end
  local thief = { unpack(ARGV, 1, 15) }
  thief[16], thief[17], thief[18] = '', ARGV[18], ''
  return steal(thief)
end

local ok, answer = pcall(decide)
if ok then return answer end
return redis.error_reply('FAULT ' .. string.gsub(type(answer) == 'table' and answer.err or tostring(answer),
  '%c', ' '))
