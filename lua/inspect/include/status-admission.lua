-- Is anything admitted, and if not, why? Its halts, closures, keeper and reconciliations.

--- @include "account"
--- @include "clock"
--- @include "format"
--- @include "halts"

-- The causes for which it is closed for entries, the first one first.
local function closure_rows()
  local rows = {}
  for cause in string.gmatch(account.closed_by or '', '[^;]+') do
    local since_ms, words = string.match(redis.call('HGET', PREFIX .. 'closures', cause) or '',
      '^(%d+) (.*)$')
    rows[#rows + 1] = { cause, words, tonumber(since_ms) }
  end
  return rows
end

-- Reports a missing keeper, and since when. A keeper holds its election's key and sweeps each second (sweep).
-- One that holds the key but does not sweep counts as missing. Without a keeper, the last reconciliation
-- grows old and entries are closed.
local KEEPER_SILENCE_MS, KEEPER_HANGS_MS = 5000, 30000
local function keeper_gone()
  local kept_ms = tonumber(account.kept_ms)
  local silence_ms = kept_ms and health_ms - kept_ms
  local elected = redis.call('EXISTS', PREFIX .. 'keeper') == 1
  if silence_ms and silence_ms <= (elected and KEEPER_HANGS_MS or KEEPER_SILENCE_MS) then return nil end
  if elected and not silence_ms then return nil end
  return silence_ms and 'no keeper for ' .. duration(silence_ms) or 'no keeper'
end

-- When the next entry may probe whether the broker takes orders again.
local function probe_ms()
  local at_ms = tonumber(account.probe_at_ms or 0)
  return account.closed_by == 'broker' and account.shut_told ~= '1' and at_ms > 0 and at_ms or nil
end

-- The last failed reconciliation: its time, a sentence, and the error.
local function failure_words()
  local f = hash('reconcile_failure')
  if not f.at_ms then return nil, 'none on record' end
  local at_ms, over_ms = tonumber(f.at_ms), tonumber(f.over_ms or '')
  local times = f.times == '1' and 'once' or f.times .. ' times in a row'
  return at_ms, string.format('%s, %s ago, %s%s: %s', iso(at_ms), duration(health_ms - at_ms), times,
    over_ms and '; succeeded since' or '; not since', f.words), f.words
end

-- Not reconciled on this server. The keeper may still wait for what was sent before a loss (keeper-note).
local function unsynced(words)
  local wait_ms = tonumber(account.loss_wait_until_ms or 0) - health_ms
  if wait_ms <= 0 then return 'unsynced', 'no: ' .. words end
  return 'unsynced', 'no, for ' .. duration(wait_ms)
    .. ' more: an order sent before the ledger was lost may still reach the broker', wait_ms
end

-- Is anything admitted, and if not, why? (I8) The third value: how long the keeper still waits after a loss.
local function admitting()
  if account.state == 'halted' then return 'halted', 'no: halted (' .. halt_words(halt_rows()) .. ')' end
  if (account.closed_by or '') ~= '' then
    local told = 'no: closed (' .. string.gsub(account.closed_by, ';', ', ') .. ')'
    local at_ms = probe_ms()
    if not at_ms then return 'closed', told end
    return 'closed', told .. '; one entry tries '
      .. (at_ms > health_ms and 'in ' .. duration(at_ms - health_ms) or 'now')
  end
  local synced = tonumber(account.synced_at_ms or 0)
  if synced == 0 then return unsynced('never reconciled with the broker') end
  local run_id = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)')
  local replication_id = string.match(redis.call('INFO', 'replication'), 'master_replid:(%w+)')
  if string.sub(run_id, 1, 20) .. ':' .. replication_id ~= account.server_id then
    return unsynced('not reconciled since this Redis server started, or became a master')
  end
  if health_ms - synced > tonumber(account.sync_max_age_ms) then
    return 'unsynced', 'no: the last reconciliation is older than '
      .. duration(tonumber(account.sync_max_age_ms))
  end
  if room('total') < 0 then return 'over', 'no: more is used than the cap allows' end
  local gone = keeper_gone()
  if not gone then return 'yes', 'yes' end
  return 'yes', 'yes; ' .. gone .. ': admits until '
    .. string.sub(iso(synced + tonumber(account.sync_max_age_ms)), 12, 19)
end
