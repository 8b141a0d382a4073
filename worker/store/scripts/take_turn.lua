-- The next entries of a group in this partition, for the one worker whose turn it is: two workers never have entries of one
-- partition in hand at the same time, so that its order holds. What is pending comes first, whoever had it: while the turn is
-- ours nobody else sends it. Pending entries that the stream has no more are acknowledged.
-- args: {group, worker, lease_ms, most entries, 1 where the turn is kept though there is nothing}
-- answer: {1 where the turn is ours, else 0, {id, fields} each}
local group, worker, lease_ms, most, keep = args[1], args[2], args[3], args[4], args[5]
local key = base .. 'turn:' .. group
local holder = redis.call('GET', key)
if holder and holder ~= worker then return {0, {}} end
local rows, is_clear = {}, false
for _ = 1, 100 do
  is_clear = #redis.call('XPENDING', stream, group, '-', '+', 1) == 0
  if is_clear then break end
  redis.call('XAUTOCLAIM', stream, group, worker, 0, '0-0', 'COUNT', most, 'JUSTID')
  local answer = redis.call('XREADGROUP', 'GROUP', group, worker, 'COUNT', most, 'STREAMS', stream, '0')
  for _, row in ipairs(answer and answer[1][2] or {}) do
    if row[2] then rows[#rows + 1] = row else redis.call('XACK', stream, group, row[1]) end
  end
  if #rows > 0 then break end
end
if is_clear then
  local answer = redis.call('XREADGROUP', 'GROUP', group, worker, 'COUNT', most, 'STREAMS', stream, '>')
  rows = answer and answer[1][2] or {}
end
if #rows > 0 or keep == 1 or not is_clear then
  redis.call('SET', key, worker, 'PX', num(lease_ms))
else
  redis.call('DEL', key)
end
return {1, rows}
