-- Add feeds, or bring what the operator said of known ones up to date; one that was removed before gets back what it showed,
-- one that was paused because its file dropped it is resumed. What is as it was is not written.
-- A feed is there where `due` has it; a paused one at +inf.
-- item: {feed, address (names and values), group, origin, overrides, title, due_ms}; answer: 1 new, 2 resumed, 0 known. Asked
-- again, nothing changes.
local names, nothing = {'g', 'o', 'v', 't', 'paused', 'dropped'}, {}
local out = {}
for i, item in ipairs(args) do
  local feed, key = item[1], base .. 'f:' .. item[1]
  local is_new = not redis.call('ZSCORE', base .. 'due', feed)
  local known, put, gone = nothing, {}, {}
  if is_new then
    local kept = base .. 'fx:' .. feed
    local before = redis.call('HGETALL', kept)
    if #before > 0 then
      redis.call('HSET', key, unpack(before))
      redis.call('DEL', kept)
    end
    put = item[2] -- that of a known one stays: it may have moved since
  else
    known = redis.call('HMGET', key, unpack(names))
  end
  for n = 1, 4 do
    local value = item[n + 2]
    if value == '' then -- no title: the feed tells it itself
      if known[n] and n < 4 then gone[#gone + 1] = names[n] end
    elseif value ~= known[n] then
      put[#put + 1], put[#put + 2] = names[n], value
    end
  end
  local is_resumed = known[6] == '1'
  if is_resumed then gone[#gone + 1], gone[#gone + 2] = 'paused', 'dropped' end
  if #put > 0 then redis.call('HSET', key, unpack(put)) end
  if #gone > 0 then redis.call('HDEL', key, unpack(gone)) end
  if is_new or is_resumed then redis.call('ZADD', base .. 'due', num(item[7]), feed) end
  out[i] = is_new and 1 or is_resumed and 2 or 0
end
return out
