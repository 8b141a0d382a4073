-- The ledger's one step: "seen" and "appended" are decided here together.
-- item: {article, token, expected revision, new revision, fingerprint, record, recheck delay_ms (0: never), limit, {fields per envelope}, stats, claimed,
--   its text's fingerprint where that lies in this partition, else ''}
-- answer: {state, first stream id, last seq}
--   already: this revision with this text stands on the stream (a resent command, or a second worker): same ids as then
--   conflict: the article moved on since it was weighed; weigh again
--   fenced: another worker holds the article now; with `claimed`, also where the claim is gone: it lapsed, or this Redis never had
--   it (a failover to a replica that was behind), and then the names taken before it are gone as well
--   full: the stream is at its hard cap; nothing was written
local out = {}
-- The record has the owner now: the fingerprint need not.
local function forget_owner(field, print)
  local key = bucket('p', period, print)
  local value = redis.call('HGET', key, field_of(print))
  if value and #value > #field and value:sub(1, #field) == field then redis.call('HSET', key, field_of(print), field) end
end
for i, item in ipairs(args) do
  local id, token, expected, revision, print, record = item[1], item[2], item[3], item[4], item[5], item[6]
  local recheck_ms, limit, envelopes, stats = item[7], item[8], item[9], item[10]
  local old, back, field = find_article(id)
  local r = old and cmsgpack.unpack(old) or nil
  local holder = redis.call('GET', base .. 'l:' .. id)
  if r and revision > expected and r[1] == revision and r[2] == print then
    out[i] = {'already', id_text(r[4]), num(r[5])}
    if holder == token then redis.call('DEL', base .. 'l:' .. id) end
  elseif (r and r[1] or 0) ~= expected then
    out[i] = {'conflict', '', 0}
  elseif (holder or item[11]) and holder ~= token then
    out[i] = {'fenced', '', 0}
  elseif #envelopes > 0 and redis.call('XLEN', stream) + #envelopes > limit then
    out[i] = {'full', '', 0}
  else
    local first, seq = r and id_text(r[4]) or '', r and r[5] or 0
    for n, fields in ipairs(envelopes) do
      seq = redis.call('INCR', base .. 'seq')
      fields[#fields + 1] = 'seq'
      fields[#fields + 1] = num(seq)
      local sid = redis.call('XADD', stream, '*', unpack(fields))
      if n == 1 then first = sid end
    end
    local new = cmsgpack.unpack(record)
    new[4], new[5] = id_bytes(first), seq
    put_article(cmsgpack.pack(new), back, field)
    if item[12] ~= '' then forget_owner(field, item[12]) end
    if recheck_ms > 0 then
      redis.call('ZADD', base .. 'recheck', num(now + recheck_ms), id)
    else
      redis.call('ZREM', base .. 'recheck', id)
    end
    if holder == token then redis.call('DEL', base .. 'l:' .. id) end
    for n = 1, #stats, 2 do redis.call('HINCRBY', base .. 'stats', stats[n], stats[n + 1]) end
    out[i] = {'ok', first, num(seq)}
  end
end
return out
