-- The right to fetch and publish one article, for one entry at a time.
-- item: {article, token, version, lease_ms}; answer: {state, record}
-- state: known (this version is published; '*': any version is), busy (another entry has claimed it), mine.
local out = {}
for i, item in ipairs(args) do
  local id, token, version, lease_ms = item[1], item[2], item[3], item[4]
  local record, back, field = find_article(id)
  local state
  if record and version ~= '' then
    local r = cmsgpack.unpack(record)
    if r[1] > 0 and (r[3] == version or version == '*') then state = 'known' end
    if state == 'known' then renew_article(record, back, field) end
  end
  if not state then
    local holder = redis.call('GET', base .. 'l:' .. id)
    if holder and holder ~= token then
      state = 'busy'
    else
      redis.call('SET', base .. 'l:' .. id, token, 'PX', num(lease_ms))
      state = 'mine'
    end
  end
  out[i] = {state, record or ''}
end
return out
