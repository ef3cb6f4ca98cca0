-- Walks the index (ranking) from the worst order that may be taken now, without a scan. It merges the heads
-- in victims:<pool> with the further orders of the symbols already opened.

--- @include "integers"
--- @include "account"
--- @include "bytes"

local CHUNK = 8

local function is_worse(a, b)
  if a.score ~= b.score then return a.score < b.score end
  return is_before(a.member, b.member)
end

-- heads of a pool, worst first, fetched in chunks
local function head_reader(pool)
  local chunk, at, offset = {}, 1, 0
  return {
    peek = function()
      if at > #chunk then
        if at > 1 and #chunk < 2 * CHUNK then return nil end
        chunk, at = redis.call('ZRANGE', PREFIX .. 'victims:' .. pool, int(offset), int(offset + CHUNK - 1),
          'WITHSCORES'), 1
        offset = offset + CHUNK
        if #chunk == 0 then at = 2 return nil end
      end
      return { member = chunk[at], score = tonumber(chunk[at + 1]) }
    end,
    skip = function() at = at + 2 end,
  }
end

-- The further orders of an opened symbol, one per call. Most symbols need only one, so the first is fetched
-- alone.
local function open_symbol(pool, symbol)
  local key, offset, size, list, at = PREFIX .. 'far:' .. pool .. ':' .. symbol, 1, 1, {}, 1
  local function advance()
    if at > #list then
      list, at = redis.call('ZRANGE', key, int(offset), int(offset + size - 1), 'WITHSCORES'), 1
      offset, size = offset + size, CHUNK
      if #list == 0 then return nil end
    end
    at = at + 2
    return { member = list[at - 2], score = tonumber(list[at - 1]), symbol = symbol, advance = advance }
  end
  return advance
end

-- Inserts into a list sorted with the worst last.
local function put_in_order(list, one)
  if not one then return end
  local low, high = 1, #list + 1
  while low < high do
    local middle = math.floor((low + high) / 2)
    if is_worse(list[middle], one) then high = middle else low = middle + 1 end
  end
  table.insert(list, low, one)
end

-- The worst of the next head and of the `opened` lists, and whether it is the head; nil at the end.
local function worst_of(heads, opened)
  local head, further = heads.peek(), opened[#opened]
  if head and not (further and is_worse(further, head)) then return head, true end
  return further, false
end
