-- Is the book the one that was reconciled on this server (I8)? An older copy may lack what was done since.
--
--   server_id   field of the account: `<run id>:<replication id>` of the server of the last reconciliation

--- @include "account"

-- Is this still the server of the last reconciliation? It may have become a replica, loaded an older book,
-- and become master again, without a restart or a lost connection. Then its replication id has changed.
local function same_server()
  local replication_id = string.match(account['server_id'] or '', ':(%x+)$') or 'none'
  local line = 'master_replid:' .. replication_id .. '\r'
  return string.find(redis.call('INFO', 'replication'), line, 1, true) ~= nil
end

-- Was the book ever reconciled on this server? Then it is not an older copy.
local function is_ours(server_id)
  return number('synced_at_ms') > 0 and account['server_id'] == server_id and same_server()
end
