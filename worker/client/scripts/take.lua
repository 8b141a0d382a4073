-- Read new entries for one consumer of a group and remember how far the group has come, in one step: so that a hole in `seq`
-- is seen whichever of the group's consumers reads across it. What is remembered lies in the same Redis as the stream, so if
-- Redis loses its last second, both go back together; a group that reads behind what it remembers was set back on purpose,
-- and wants to handle again what it handled.
-- KEYS: stream, the group's state (hash), ids the group has handled (sorted set)
-- ARGV: group, consumer, most entries, age of the state in seconds
-- answer: {entries, seq before them (or ''), 1 per entry already handled else 0, last id of the stream}
local answer = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3], 'STREAMS', KEYS[1], '>')
if not answer then
  local info = redis.call('XINFO', 'STREAM', KEYS[1])
  for n = 1, #info, 2 do
    if info[n] == 'last-generated-id' then return {{}, '', {}, info[n + 1]} end
  end
end
local entries = answer[1][2]
local before = redis.call('HGET', KEYS[2], 'seq') or ''
local ids, first, last = {}, '', ''
for n, entry in ipairs(entries) do
  for f = 1, #entry[2], 2 do
    local name, value = entry[2][f], entry[2][f + 1]
    if name == 'seq' then
      if first == '' then first = value end
      last = value
    elseif name == 'id' then
      ids[n] = value
    end
  end
end
if before ~= '' and first ~= '' and tonumber(first) <= tonumber(before) then
  redis.call('DEL', KEYS[3])
  before = ''
end
local handled = {}
for n = 1, #entries do
  handled[n] = (ids[n] and redis.call('ZSCORE', KEYS[3], ids[n])) and 1 or 0
end
if last ~= '' then
  redis.call('HSET', KEYS[2], 'seq', last)
  redis.call('EXPIRE', KEYS[2], ARGV[4])
end
return {entries, before, handled, ''}
