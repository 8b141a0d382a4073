-- Before every script. KEYS[1]: the partition's key prefix, hash tag included. ARGV[1]: the partition's constants,
-- ARGV[2]: the items, both MessagePack. The clock is the server's: a worker with a wrong clock changes nothing.
local base = KEYS[1]
local set = cmsgpack.unpack(ARGV[1])
local args = cmsgpack.unpack(ARGV[2])
local stream, memory_s, periods, period_s, sketch_s, dead_limit, trail_limit = set[1], set[2], set[3], set[4], set[5], set[6], set[7]
local t = redis.call('TIME')
local now = tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
local period = math.floor(now / 1000 / period_s)
local sketch_period = math.floor(now / 1000 / (sketch_s / 2))
local function num(n) return string.format('%.0f', n) end
local function crc(s)
  local h = 0
  for n = 1, math.min(4, #s) do h = h * 256 + s:byte(n) end
  return h
end
local signs = 'abcdefghijklmnopqrstuvwxyz234567'
-- The text form of an article id: where others refer to it, its 10 bytes are stored.
local function article_name(id)
  if #id ~= 10 then return id end
  local out = {}
  for half = 0, 1 do
    local a, b, c, d, e = id:byte(5 * half + 1, 5 * half + 5)
    local value = (((a * 256 + b) * 256 + c) * 256 + d) * 256 + e
    for at = 8, 1, -1 do
      local rest = value % 32
      out[8 * half + at] = signs:sub(rest + 1, rest + 1)
      value = (value - rest) / 32
    end
  end
  return table.concat(out)
end
-- Its 10 bytes, which stand for it in fields and values; any other name as `records.short_id` has it.
local function article_bytes(name)
  if #name ~= 16 or name:find('[^a-z2-7]') or not name:find('%l') then
    return (#name == 10 or name:sub(1, 1) == '=') and '=' .. name or name
  end
  local out = {}
  for half = 0, 1 do
    local value = 0
    for at = 8 * half + 1, 8 * half + 8 do value = value * 32 + signs:find(name:sub(at, at), 1, true) - 1 end
    for at = 5, 1, -1 do
      local rest = value % 256
      out[5 * half + at] = string.char(rest)
      value = (value - rest) / 256
    end
  end
  return table.concat(out)
end
-- Names, fingerprints and articles lie in hashes per period (so that they age) and bucket (so that small hashes stay packed):
-- 16,384 of them, by the first 14 bits.
local function bucket(kind, at, name)
  local first, second = name:byte(1, 2)
  return base .. kind .. ':' .. num(at) .. ':' .. num((first or 0) * 64 + math.floor((second or 0) / 4))
end
local function put_field(key, field, value)
  if redis.call('HSET', key, field, value) == 1 and redis.call('HLEN', key) == 1 then
    redis.call('EXPIRE', key, memory_s + period_s)
  end
end
-- Of a name or fingerprint 64 bits are stored: the first byte follows from the bucket, and what comes after the eighth is left out.
local function field_of(name) return name:sub(2, 8) end
local function remember(kind, name, value) put_field(bucket(kind, period, name), field_of(name), value) end
-- An article's record, how many periods ago it was seen last, and the field it lies at.
local function find_article(id)
  local field = article_bytes(id)
  for back = 0, periods - 1 do
    local record = redis.call('HGET', bucket('a', period - back, field), field)
    if record then return record, back, field end
  end
  return nil, 0, field
end
-- Store a record among those of the present period; `back` and `field` are what `find_article` gave.
local function put_article(record, back, field)
  put_field(bucket('a', period, field), field, record)
  if back > 0 then redis.call('HDEL', bucket('a', period - back, field), field) end
end
-- An article that was seen does not age.
local function renew_article(record, back, field)
  if record and back > 0 then put_article(record, back, field) end
end
-- A stream id as a record has it: 6 bytes of milliseconds, then the number unless it is 0. One with a partition is text.
local function id_bytes(sid)
  local ms, n = sid:match('^(%d+)%-(%d+)$')
  ms = tonumber(ms)
  if not ms or ms >= 2 ^ 43 then return sid end
  local out = {}
  for at = 6, 1, -1 do
    local rest = ms % 256
    out[at] = string.char(rest)
    ms = (ms - rest) / 256
  end
  return table.concat(out) .. (n == '0' and '' or n)
end
local function id_text(stored)
  if stored == '' or stored:byte(1) >= 8 then return stored end
  local ms = 0
  for at = 1, 6 do ms = ms * 256 + stored:byte(at) end
  return num(ms) .. '-' .. (#stored > 6 and stored:sub(7) or '0')
end
local function seq_of(row)
  for n = 1, #row[2], 2 do
    if row[2][n] == 'seq' then return tonumber(row[2][n + 1]) end
  end
end
-- The seq of the oldest entry on the stream; of the next one where it is empty.
local function first_seq()
  local row = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
  return row and seq_of(row) or tonumber(redis.call('GET', base .. 'seq') or '0') + 1
end
-- Whether one stream id comes before another.
local function is_older(one, other)
  local ms, number = string.match(one, '^(%d+)%-(%d+)$')
  local other_ms, other_number = string.match(other, '^(%d+)%-(%d+)$')
  if ms == other_ms then return tonumber(number) < tonumber(other_number) end
  return tonumber(ms) < tonumber(other_ms)
end
-- Trims the stream, and notes up to which seq we did. What is missing beyond that somebody else took (XTRIM): it is noted with
-- the groups that had not read so far, for `dateline verify`.
local function trim(...)
  local key, first = base .. 'trims', first_seq()
  local ours = tonumber(redis.call('HGET', key, 'to') or num(first - 1))
  if first > ours + 1 then
    local behind = {}
    local row = redis.call('XRANGE', stream, '-', '+', 'COUNT', 1)[1]
    for _, info in ipairs(redis.call('EXISTS', stream) == 1 and redis.call('XINFO', 'GROUPS', stream) or {}) do
      local g = {}
      for n = 1, #info, 2 do g[info[n]] = info[n + 1] end
      local read = tonumber(g['entries-read'] or '-1') or -1
      local ms = tonumber(string.match(g['last-delivered-id'], '^%d+'))
      local is_behind = (read < 0 or read < first - 1) and (not row or ms < tonumber(string.match(row[1], '^%d+')))
      local holds = g['pending'] > 0 and (not row or is_older(redis.call('XPENDING', stream, g['name'])[2], row[1]))
      if is_behind or holds then behind[#behind + 1] = g['name'] end
    end
    redis.pcall('HSET', key, 'taken_from', num(ours + 1), 'taken_to', num(first - 1), 'taken_at', num(now),
      'unread_by', table.concat(behind, ' '))
  end
  local gone = redis.call('XTRIM', stream, ...)
  redis.pcall('HSET', key, 'to', num(first_seq() - 1)) -- a full server notes nothing; what all have read is missed by nobody
  return gone
end
-- The feed that a payload in the entries stream or in `later` came from; nil for one of an older version.
local function feed_of(payload)
  if payload:sub(1, 1) == 'f' then return payload:sub(3, 2 + payload:byte(2)) end
end
-- Count entries and bytes of a feed that wait (in `entries` or in `later`); with a negative count, those that went.
local function count_waiting(feed, count, bytes)
  if not feed or feed == '' then return end
  local left = redis.pcall('HINCRBY', base .. 'wait', feed, count) -- on a full server it is not counted
  redis.pcall('HINCRBY', base .. 'wait:b', feed, num(bytes))
  if type(left) == 'number' and left <= 0 then
    redis.call('HDEL', base .. 'wait', feed)
    redis.call('HDEL', base .. 'wait:b', feed)
  end
end
local function add_entry(payload)
  redis.call('XADD', base .. 'entries', '*', 'e', payload)
  count_waiting(feed_of(payload), 1, #payload)
end
-- Dead letters of this owner that failed on the way come back: it answers again. At most 20 in one step.
local function revive(owner)
  local key = base .. 'back:' .. owner
  if redis.call('EXISTS', key) == 0 then return end
  for _, id in ipairs(redis.call('SPOP', key, 20)) do
    local row = redis.call('XRANGE', base .. 'dead', id, id)[1]
    if row then
      local payload = redis.call('HGET', base .. 'dead:t', id)
      for n = 1, #row[2], 2 do
        if row[2][n] == 'e' and not payload then payload = row[2][n + 1] end
      end
      add_entry(payload)
      redis.call('XDEL', base .. 'dead', id)
      redis.call('HDEL', base .. 'dead:t', id)
      redis.call('HINCRBY', base .. 'stats', 'revived', 1)
    end
  end
end
