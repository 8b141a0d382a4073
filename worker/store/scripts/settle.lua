-- The way out of the entries stream.
-- item: {message id, consumer, article or '', what, payload, delay_ms, trail (flat), revision, the token of its claim,
--   payload without the texts that the feed carried or '', owner or '', its feed or '', bytes of its payload}
-- what: done | later (payload comes back after delay_ms) | dead (trail fields and payload go to `dead`, a long one to `dead:t`) |
--   dropped (by a stage: the same to `dropped`, without the texts)
-- owner: of a page that was fetched (done: what failed on the way to it comes back), or could not be (dead)
-- Only the holder may settle; a resent settlement finds nothing pending and changes nothing.
-- revision (0: none): what was published for it. A Redis that does not know of that was asked after a failover, or lost its last
-- second: the confirmation is void, the entry stays (`unpublished`) and is carried again.
local out = {}
local function revision_of(article)
  local record = find_article(article)
  return record and cmsgpack.unpack(record)[1] or 0
end
for i, item in ipairs(args) do
  local mid, consumer, article, what, payload, delay_ms, trail = item[1], item[2], item[3], item[4], item[5], item[6], item[7]
  local row = redis.call('XPENDING', base .. 'entries', 'workers', mid, mid, 1)
  if #row == 0 then
    out[i] = 'already'
  elseif row[1][2] ~= consumer then
    out[i] = 'fenced'
  elseif (item[8] or 0) > 0 and revision_of(article) < item[8] then
    out[i] = 'unpublished'
  else
    if what == 'later' then
      if redis.call('ZADD', base .. 'later', num(now + delay_ms), payload) == 1 then
        count_waiting(feed_of(payload), 1, #payload)
      end
    elseif what == 'dead' then
      local slim, owner = item[10] or '', item[11] or ''
      local fields = {'e', slim ~= '' and slim or payload}
      for _, x in ipairs(trail) do fields[#fields + 1] = x end
      local id = redis.call('XADD', base .. 'dead', 'MAXLEN', '~', dead_limit, '*', unpack(fields))
      if slim ~= '' then
        redis.call('HSET', base .. 'dead:t', id, payload)
        redis.call('RPUSH', base .. 'dead:o', id)
      end
      if owner ~= '' then
        redis.call('SADD', base .. 'back:' .. owner, id)
        redis.call('EXPIRE', base .. 'back:' .. owner, 2592000)
      end
      redis.call('HINCRBY', base .. 'stats', 'dead', 1)
    end
    if what == 'dropped' then
      local fields = {'e', item[10] ~= '' and item[10] or payload}
      for _, x in ipairs(trail) do fields[#fields + 1] = x end
      redis.call('XADD', base .. 'dropped', 'MAXLEN', '~', 10000, '*', unpack(fields))
      redis.call('HINCRBY', base .. 'stats', 'dropped', 1)
    end
    if #trail > 0 and trail_limit > 0 then
      redis.call('XADD', base .. 'trail', 'MAXLEN', '~', trail_limit, '*', unpack(trail))
    end
    redis.call('XACK', base .. 'entries', 'workers', mid)
    if redis.call('XDEL', base .. 'entries', mid) == 1 then count_waiting(item[12], -1, -(item[13] or 0)) end
    if what == 'done' and (item[11] or '') ~= '' then revive(item[11]) end
    if article ~= '' and redis.call('GET', base .. 'l:' .. article) == (item[9] or mid) then
      redis.call('DEL', base .. 'l:' .. article)
    end
    out[i] = 'ok'
  end
end
return out
