-- Entries that come from no poll (a recheck, a requeued dead letter). item: {payload or '', article to drop from `recheck` or '', dead id to delete or '',
--   the stream that it is deleted from (`dead` where none is named)}
-- A resent command finds the mark it removes already gone and enqueues nothing twice.
local out = {}
for i, item in ipairs(args) do
  local go = true
  if item[2] ~= '' then go = redis.call('ZREM', base .. 'recheck', item[2]) == 1 end
  if item[3] ~= '' then
    go = redis.call('XDEL', base .. (item[4] or 'dead'), item[3]) == 1
    if not item[4] then redis.call('HDEL', base .. 'dead:t', item[3]) end
  end
  if go and item[1] ~= '' then add_entry(item[1]) end
  out[i] = go and 'ok' or 'already'
end
return out
