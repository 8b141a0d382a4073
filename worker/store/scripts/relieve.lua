-- A stream near its cap loses what every group has read, oldest first, whatever its age. args: {entries to leave, newest read id}
-- How much may go is told by `seq`, which has no hole: entries are not counted one by one. Answer: how many went.
local leave, read = args[1], args[2]
local length = redis.call('XLEN', stream)
local function seq(row)
  for n = 1, #row[2], 2 do
    if row[2][n] == 'seq' then return tonumber(row[2][n + 1]) end
  end
end
local first = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
local last = redis.call('XREVRANGE', stream, read, '-', 'COUNT', 1)[1]
if length <= leave or not first or not last then return 0 end
local from, to = seq(first), seq(last)
if not from or not to then return 0 end
return redis.call('XTRIM', stream, 'MAXLEN', math.max(leave, length - (to - from)))
