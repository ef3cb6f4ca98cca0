-- A view of the book in which commands may write: their changes stay in this script's memory, and later reads
-- of the same script see them. Nothing is written to Redis. `redis` below hides the global of that name from
-- the commands that are included after this file.
--
-- It knows the Redis commands that admit and steal use, and fails on any other. A key that was not changed is
-- read directly, so the view costs next to nothing while no lease and no cooldown is due.

--- @include "bytes"

local read = redis.call

-- key -> { gone, values }. values: field -> text, member -> true, or member -> score; false: removed. gone:
-- the key was deleted before.
local changes = {}

local function as_text(value)
  return type(value) == 'number' and string.format('%.17g', value) or value
end

local function change_of(key)
  if not changes[key] then changes[key] = { gone = false, values = {} } end
  return changes[key]
end

-- The value of a field or member, as the base has it (`command` reads it) or as it was changed; false for
-- none.
local function value_of(command, key, name)
  local change = changes[key]
  if change then
    if change.values[name] ~= nil then return change.values[name] end
    if change.gone then return false end
  end
  local value = read(command, key, name)
  if command == 'SISMEMBER' then return value == 1 end
  return value
end

-- How many members the key has: those of the base, and what the changes add or remove.
local function size_of(key, count, member_command)
  local change, size = changes[key], 0
  if not change.gone then size = read(count, key) end
  for name, value in pairs(change.values) do
    local was = false
    if not change.gone then was = read(member_command, key, name) end
    if was == 0 then was = false end
    if value and not was then size = size + 1 end
    if not value and was then size = size - 1 end
  end
  return size
end

local function is_ranked_before(a, b)
  if a.score ~= b.score then return a.score < b.score end
  return is_before(a.member, b.member)
end

-- The sorted set after its changes: those of `from_base` (a flat list with scores) that were not changed, and
-- those changed that `is_wanted`, sorted.
local function merged(key, from_base, is_wanted)
  local change, list = changes[key], {}
  for i = 1, #from_base, 2 do
    if change.values[from_base[i]] == nil then
      list[#list + 1] = { member = from_base[i], score = tonumber(from_base[i + 1]) }
    end
  end
  for member, score in pairs(change.values) do
    if score and is_wanted(tonumber(score), member) then
      list[#list + 1] = { member = member, score = tonumber(score) }
    end
  end
  table.sort(list, is_ranked_before)
  return list
end

local function part_of(list, first, last, with_scores)
  local flat = {}
  for i = first + 1, math.min(#list, last + 1) do
    flat[#flat + 1] = list[i].member
    if with_scores then flat[#flat + 1] = as_text(list[i].score) end
  end
  return flat
end

local function changed_count(key)
  local count = 0
  for _ in pairs(changes[key].values) do count = count + 1 end
  return count
end

-- '(5', '5', '-inf' -> a number, and whether it is left out
local function bound_of(text)
  text = as_text(text)
  if text == '-inf' then return -math.huge, false end
  if text == '+inf' then return math.huge, false end
  local is_open = string.sub(text, 1, 1) == '('
  return tonumber(is_open and string.sub(text, 2) or text), is_open
end

local function between(low, high)
  local least, least_open = bound_of(low)
  local most, most_open = bound_of(high)
  return function(score)
    return score >= least and score <= most and not (least_open and score == least)
      and not (most_open and score == most)
  end
end

-- '[a', '(a'
local function between_names(low, high)
  local least, most = string.sub(low, 2), string.sub(high, 2)
  return function(_, member)
    if member == least then return string.sub(low, 1, 1) == '[' end
    if member == most then return string.sub(high, 1, 1) == '[' end
    return is_before(least, member) and is_before(member, most)
  end
end

-- WITHSCORES and LIMIT of a range, in any order: with_scores, offset, count
local function options_of(...)
  local words, with_scores, offset, count = { ... }, false, 0, math.huge
  for i, word in ipairs(words) do
    if word == 'WITHSCORES' then with_scores = true end
    if word == 'LIMIT' then offset, count = tonumber(words[i + 1]), tonumber(words[i + 2]) end
  end
  return with_scores, offset, count
end

-- A range of a changed sorted set. `...`: its options.
local function range_of(command, key, low, high, is_wanted, ...)
  local with_scores, offset, count = options_of(...)
  local base = {}
  if not changes[key].gone then
    local limit = count < math.huge and { 'LIMIT', 0, offset + count + changed_count(key) } or {}
    if command == 'ZRANGEBYLEX' then
      for _, member in ipairs(read(command, key, low, high, unpack(limit))) do
        base[#base + 1], base[#base + 2] = member, '0'
      end
    else
      base = read(command, key, low, high, 'WITHSCORES', unpack(limit))
    end
  end
  return part_of(merged(key, base, is_wanted), offset, offset + count - 1, with_scores)
end

-- Commands that read a key which was changed.
local READ = {
  HGET = function(key, field) return value_of('HGET', key, field) end,
  HEXISTS = function(key, field) return value_of('HGET', key, field) and 1 or 0 end,
  HMGET = function(key, ...)
    local values = {}
    for i, field in ipairs({ ... }) do values[i] = value_of('HGET', key, field) end
    return values
  end,
  EXISTS = function(key)
    for _, value in pairs(changes[key].values) do
      if value then return 1 end
    end
    return changes[key].gone and 0 or read('EXISTS', key)
  end,
  SISMEMBER = function(key, member) return value_of('SISMEMBER', key, member) and 1 or 0 end,
  SCARD = function(key) return size_of(key, 'SCARD', 'SISMEMBER') end,
  SMEMBERS = function(key)
    local members = {}
    for _, member in ipairs(changes[key].gone and {} or read('SMEMBERS', key)) do
      if changes[key].values[member] == nil then members[#members + 1] = member end
    end
    for member, is_in in pairs(changes[key].values) do
      if is_in then members[#members + 1] = member end
    end
    return members
  end,
  ZSCORE = function(key, member) return value_of('ZSCORE', key, member) end,
  ZRANK = function(key, member)
    local all = changes[key].gone and {} or read('ZRANGE', key, 0, -1, 'WITHSCORES')
    for at, one in ipairs(merged(key, all, function() return true end)) do
      if one.member == member then return at - 1 end
    end
    return false
  end,
  ZCARD = function(key) return size_of(key, 'ZCARD', 'ZSCORE') end,
  ZCOUNT = function(key, low, high)
    return #range_of('ZRANGEBYSCORE', key, low, high, between(low, high))
  end,
  ZRANGE = function(key, first, last, ...)
    local base = {}
    first, last = tonumber(first), tonumber(last)
    if first < 0 or last < 0 then                  -- counted from the end
      local size = size_of(key, 'ZCARD', 'ZSCORE')
      first, last = math.max(0, first < 0 and size + first or first), last < 0 and size + last or last
    end
    if not changes[key].gone then base = read('ZRANGE', key, 0, last + changed_count(key), 'WITHSCORES') end
    local with_scores = options_of(...)
    return part_of(merged(key, base, function() return true end), first, last, with_scores)
  end,
  ZRANGEBYSCORE = function(key, low, high, ...)
    return range_of('ZRANGEBYSCORE', key, low, high, between(low, high), ...)
  end,
  ZRANGEBYLEX = function(key, low, high, ...)
    return range_of('ZRANGEBYLEX', key, low, high, between_names(low, high), ...)
  end,
}

local function remove(key, ...)
  local values = change_of(key).values
  for _, name in ipairs({ ... }) do values[name] = false end
  return #{ ... }
end

-- Commands that write.
local WRITE = {
  HSET = function(key, ...)
    local words, values = { ... }, change_of(key).values
    for i = 1, #words, 2 do values[words[i]] = as_text(words[i + 1]) end
    return #words / 2
  end,
  HDEL = remove,
  HINCRBY = function(key, field, by)
    local sum = tonumber(value_of('HGET', key, field) or 0) + by
    change_of(key).values[field] = as_text(sum)
    return sum
  end,
  SADD = function(key, ...)
    local values = change_of(key).values
    for _, member in ipairs({ ... }) do values[member] = true end
    return #{ ... }
  end,
  SREM = remove,
  ZADD = function(key, ...)
    local words, first = { ... }, 1
    local only_greater = words[1] == 'GT'
    if only_greater then first = 2 end
    for i = first, #words, 2 do
      local score, had = tonumber(words[i]), value_of('ZSCORE', key, words[i + 1])
      if not (only_greater and had and tonumber(had) >= score) then
        change_of(key).values[words[i + 1]] = as_text(score)
      end
    end
    return 0
  end,
  ZREM = remove,
  ZPOPMIN = function(key)
    change_of(key)
    local first = part_of(merged(key, read('ZRANGE', key, 0, changed_count(key), 'WITHSCORES'),
      function() return true end), 0, 0, true)
    if first[1] then change_of(key).values[first[1]] = false end
    return first
  end,
  DEL = function(key)
    changes[key] = { gone = true, values = {} }
    return 1
  end,
  PEXPIRE = function() return 1 end,
  XADD = function() return '0-1' end,
  XDEL = function() return 1 end,
}

-- Read as they are: they have no key, or one that these commands never change.
local UNCHANGED = { TIME = true, INFO = true, GET = true }

local redis = { error_reply = redis.error_reply }
redis.call = function(command, key, ...)
  if WRITE[command] then return WRITE[command](key, ...) end
  if not READ[command] and not UNCHANGED[command] then error('what-if: ' .. command .. ' has no view') end
  if key == nil then return read(command) end
  if changes[key] then return READ[command](key, ...) end
  return read(command, key, ...)
end
