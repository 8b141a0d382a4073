-- Entries that a consumer group gives up: copied to the group's own dead letters and acknowledged, in one step.
-- args: {group, most dead letters, {{stream id, reason, tries}, ...}}
-- answer: how many were set aside; an entry that is not pending any more (a resent command) is left alone.
local group, most, given = args[1], args[2], args[3]
local done = 0
for _, one in ipairs(given) do
  local sid = one[1]
  if #redis.call('XPENDING', stream, group, sid, sid, 1) > 0 then
    local fields = {'stream_id', sid, 'reason', one[2], 'deliveries', num(one[3])}
    local row = redis.call('XRANGE', stream, sid, sid)[1]
    if row and row[2] then
      for n = 1, #row[2] do fields[#fields + 1] = row[2][n] end
    end
    redis.call('XADD', base .. 'dead:' .. group, 'MAXLEN', '~', num(most), '*', unpack(fields))
    redis.call('XACK', stream, group, sid)
    done = done + 1
  end
end
return done
