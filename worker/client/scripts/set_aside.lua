-- One entry is given up: copied to the group's dead letters with its reason and taken off the pending list, in one step.
-- A repeat changes nothing: the entry is not pending any more.
-- KEYS: stream, the group's dead letters (stream), its counts of tries (hash)
-- ARGV: group, stream id, reason, deliveries, most dead letters
-- answer: 1 where it was set aside
if #redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[2], ARGV[2], 1) == 0 then return 0 end
local fields = {'stream_id', ARGV[2], 'reason', ARGV[3], 'deliveries', ARGV[4]}
local row = redis.call('XRANGE', KEYS[1], ARGV[2], ARGV[2])[1]
if row and row[2] then
  for n = 1, #row[2] do fields[#fields + 1] = row[2][n] end
end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[5], '*', unpack(fields))
redis.call('HDEL', KEYS[3], ARGV[2], 'why:' .. ARGV[2])
return redis.call('XACK', KEYS[1], ARGV[1], ARGV[2])
