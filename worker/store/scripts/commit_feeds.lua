-- What one poll found, in one step: enqueue the new entries, store validators and state, set the next due time.
-- item: {feed, token, delay_ms, fields (flat list; an empty value is not kept), entries, claims (what `n:claims` goes on from),
--   owner where it answered or ''}
-- Fenced by the lease's token; a resent commit finds its own token under `d` and gets the same answer.
local out = {}
for i, item in ipairs(args) do
  local id, token, next_due, fields, entries = item[1], item[2], now + item[3], item[4], item[5]
  local key = base .. 'f:' .. id
  local lease = redis.call('HMGET', key, 'lease', 'd', 'paused')
  if not redis.call('ZSCORE', base .. 'due', id) then
    out[i] = 'removed'
  elseif lease[2] == token then
    out[i] = 'already'
  elseif lease[1] ~= token then
    out[i] = 'fenced'
  else
    for _, payload in ipairs(entries) do
      add_entry(payload)
    end
    local kept, empty = {'d', token}, {'lease', 'held', 'next'}
    if item[6] > 0 then kept[3], kept[4] = 'n:claims', num(item[6]) else empty[4] = 'n:claims' end
    for at = 1, #fields, 2 do
      if fields[at + 1] == '' then
        empty[#empty + 1] = fields[at]
      else
        kept[#kept + 1], kept[#kept + 2] = fields[at], fields[at + 1]
      end
    end
    redis.call('HSET', key, unpack(kept))
    redis.call('HDEL', key, unpack(empty))
    redis.call('ZADD', base .. 'due', lease[3] == '1' and '+inf' or num(next_due), id)
    redis.call('HINCRBY', base .. 'stats', 'polls', 1)
    if #entries > 0 then redis.call('HINCRBY', base .. 'stats', 'enqueued', #entries) end
    if (item[7] or '') ~= '' then revive(item[7]) end
    out[i] = 'ok'
  end
end
return out
