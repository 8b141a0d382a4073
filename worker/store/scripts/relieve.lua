-- A stream near its cap loses what every group has read, oldest first, whatever its age. args: {entries to leave, newest read id}
-- How much may go is told by `seq`, which has no hole: entries are not counted one by one. Answer: how many went.
local leave, read = args[1], args[2]
local length = redis.call('XLEN', stream)
local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
local last = redis.call('XREVRANGE', stream, read, '-', 'COUNT', 1)[1]
if length <= leave or not first or not last then return 0 end
local from, to = seq_of(first), seq_of(last)
if not from or not to then return 0 end
return trim('MAXLEN', math.max(leave, length - (to - from)))
