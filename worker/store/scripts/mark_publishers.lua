-- Set which metrics of a publisher are bad, for the one worker whose view of them is still the stored one.
-- item: {hashed name, bad as it was, bad, since, adopt: 1 takes now as the past}; answer: ok | moved
-- A publisher that turns bad: its past stands still from here on, without the window of now. One that recovers: with it.
local out = {}
for i, item in ipairs(args) do
  local key = base .. 'pub:' .. item[1]
  local row = redis.call('HMGET', key, 'bad', 'now', 'past')
  local was, bad = row[1] or '', item[3]
  if not row[2] or was ~= item[2] then
    out[i] = 'moved'
  else
    redis.call('HSET', key, 'bad', bad, 'since', item[4])
    if item[5] == 1 then
      redis.call('HSET', key, 'past', row[2])
    elseif (was == '') ~= (bad == '') then
      local past, fresh = cmsgpack.unpack(row[3]), cmsgpack.unpack(row[2])
      for n = 1, #past do
        past[n] = bad == '' and past[n] + fresh[n] or math.max(0, past[n] - fresh[n])
      end
      redis.call('HSET', key, 'past', cmsgpack.pack(past))
    end
    out[i] = 'ok'
  end
end
return out
