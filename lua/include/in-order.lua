-- Candidates in the exact order of docs/rules.md, 7, where orders fade. The index ranks them by a key that is
-- nearly right: doubles round, and orders of a different age may be worth the same to the nano, where the
-- oldest goes first. So all that may be worth as little as the next one are read before it is given out.

--- @include "account"
--- @include "clock"
--- @include "bytes"
--- @include "worth"
--- @include "worst-first"

-- So many orders are put into their exact order. Of more that are worth the same, those whose key is lowest.
local GROUP_LIMIT = 256

-- Returns a function that gives the next candidate; nil at the end. `admitted`: symbol -> false where no
-- further order of it is wanted. `read_candidate(member)` reads an order.
local function in_order(heads, opened, pool, settings, read_candidate, admitted)
  local group = {}                                 -- read and not given out yet, the next one last

  local function goes_before(a, b)
    if a.pnl_nanos ~= b.pnl_nanos then return a.pnl_nanos < b.pnl_nanos end
    if a.created_at_ms ~= b.created_at_ms then return a.created_at_ms < b.created_at_ms end
    return is_before(a.id, b.id)
  end

  -- May an order that ranks so in the index go before this candidate?
  local function may_precede(ranked, candidate)
    if settings.policy == 'distance' then
      return ranked.score == candidate.ranked.score
        and string.match(ranked.member, '^[^:]+') == string.match(candidate.rank, '^[^:]+')
    end
    local worth = candidate.pnl_nanos
    if worth < 0 then return false end             -- the score is the PnL itself
    local key = fading_key(worth + 1, now_ms, settings.half_life_ms)
    return ranked.score <= key + key_error(key)
  end

  local function put_in_group(candidate)
    local low, high = 1, #group + 1
    while low < high do
      local middle = math.floor((low + high) / 2)
      if goes_before(group[middle], candidate) then high = middle else low = middle + 1 end
    end
    table.insert(group, low, candidate)
  end

  local function read_next(ranked, is_head)
    local candidate = read_candidate(ranked.member)
    candidate.ranked = ranked
    put_in_group(candidate)
    if is_head then
      heads.skip()
      put_in_order(opened, open_symbol(pool, candidate.symbol)())
    else
      table.remove(opened)
      put_in_order(opened, ranked.advance())
    end
  end

  local function fill_group()
    while #group < GROUP_LIMIT do
      local ranked, is_head = worst_of(heads, opened)
      if not ranked or (#group > 0 and not may_precede(ranked, group[#group])) then return end
      if not is_head and admitted[ranked.symbol] == false then
        table.remove(opened)
      else
        read_next(ranked, is_head)
      end
    end
  end

  return function()
    repeat
      fill_group()
      local candidate = table.remove(group)
      if not candidate or admitted[candidate.symbol] ~= false then return candidate end
    until false
  end
end
