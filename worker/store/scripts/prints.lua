-- Who printed this text first, and who printed something very like it?
-- item: {article, owner, fingerprint, {sketch: elements (the first 12 are stored), shingles, numbers}, article whose claim to
-- the text is void or '', the first one's 10 bytes}; answer: {first article, near article, sixteenths of the smaller text that
-- both have, the family's first article, owners (flat)}; of a family's first article the caller adds the owner where none is
-- given
-- The fingerprint is given to the first article that shows it; asking again gives the same answer.
-- An element remembers the families that have it, not each of their printings; one that eight have is a stock phrase and
-- finds nothing.
local full, index_size, most_candidates = 8 * 10, 12, 16
local near_floor, near_share, compared = 3, 0.4, 192
local numbers_kept, numbers_compared, least_numbers, numbers_share = 16, 64, 3, 0.4
-- Whether too few of the comparable numbers agree: two reports made from one template.
local function has_other_numbers(stored, at, found)
  local limit, kept, ours, both, has = 65535, 0, 0, 0, {}
  if stored:byte(1) >= numbers_kept then limit = stored:byte(-2) * 256 + stored:byte(-1) end
  if #found >= numbers_compared then limit = math.min(limit, found[#found]) end
  for n = at, #stored, 2 do
    local number = stored:byte(n) * 256 + stored:byte(n + 1)
    if number <= limit and not has[number] then kept, has[number] = kept + 1, true end
  end
  for _, number in ipairs(found) do
    if number > limit then break end
    ours = ours + 1
    if has[number] then both = both + 1 end
  end
  local least = math.min(kept, ours)
  return least >= least_numbers and both < numbers_share * least
end
-- The sixteenths of the smaller of two texts that are in the other; 0 where it is not mostly in it. stored: what a record has
-- (`dedup.fingerprint.stored_sketch`), low: the other text's shingles by their lower two bytes.
local function likeness(stored, shingles, low, numbers)
  local at, limit = #stored - 2 * stored:byte(1) + 1, crc(stored:sub(2, 5))
  local theirs, ours, both = (at - 6) / 2, 0, 0
  local last = shingles[#shingles]
  if #shingles >= compared and last < limit then theirs, limit = math.floor(theirs * last / limit + 0.5), last end
  for n, mark in ipairs(shingles) do
    if mark > limit then break end
    ours = n
  end
  for n = 6, at - 1, 2 do
    local mark = low[stored:byte(n) * 256 + stored:byte(n + 1)]
    if mark and mark <= limit then both = both + 1 end
  end
  local least = math.min(ours, theirs)
  if both < near_floor + near_share * least or has_other_numbers(stored, at, numbers) then return 0 end
  return math.min(16, math.floor(16 * both / least + 0.5))
end
-- The article that a text is most like, and how much: 0 for none. counted: candidates to the elements they share.
local function most_like(counted, shingles, numbers)
  local candidates, near, shared, low = {}, '', 0
  for stored in pairs(counted) do candidates[#candidates + 1] = stored end
  table.sort(candidates, function(a, b)
    if counted[a] ~= counted[b] then return counted[a] > counted[b] end
    return a < b
  end)
  for n = 1, math.min(most_candidates, #candidates) do
    local other, like = article_name(candidates[n]), 0
    local record = find_article(other)
    local sketch = record and cmsgpack.unpack(record)[9]
    if sketch and #sketch % 2 == 1 and #shingles > 0 then
      if not low then
        low = {}
        for at = #shingles, 1, -1 do low[shingles[at] % 65536] = shingles[at] end
      end
      like = likeness(sketch, shingles, low, numbers)
    elseif 2 * counted[candidates[n]] >= index_size then -- its record is not there yet, or lies elsewhere
      like = math.min(16, math.floor(16 * counted[candidates[n]] / index_size + 0.5))
    end
    if like > shared then near, shared = other, like end
  end
  return near, shared
end
local function has_id(ids, id)
  for at = 1, #ids, 10 do
    if ids:sub(at, at + 9) == id then return true end
  end
  return false
end
-- The last two bytes of an element name its hash, the first two its field.
local function sketch_bucket(element) return num(element:byte(3) * 256 + element:byte(4)) end
local places = {}
for back = 0, 2 do places[back] = base .. 'k:' .. num(sketch_period - back) .. ':' end
local out = {}
for i, item in ipairs(args) do
  local id, owner, print, sketch = item[1], item[2], item[3], item[4][1]
  local first
  for back = 0, periods - 1 do
    first = redis.call('HGET', bucket('p', period - back, print), field_of(print))
    if first then
      if back > 0 then remember('p', print, first) end
      break
    end
  end
  if not first or (item[5] ~= '' and article_name(first:sub(1, 10)) == item[5]) then
    first = item[6] .. owner
    remember('p', print, first)
  end
  local first_owner = first:sub(11)
  first = article_name(first:sub(1, 10))
  local near, shared = '', 0
  if first == id and #sketch > 0 then
    local counted = {}
    for _, element in ipairs(sketch) do
      local at_bucket = sketch_bucket(element)
      for back = 0, 2 do
        local ids = redis.call('HGET', places[back] .. at_bucket, element:sub(1, 2))
        if ids then
          for at = 1, #ids < full and #ids or 0, 10 do
            local other = ids:sub(at, at + 9)
            if other ~= item[6] then counted[other] = (counted[other] or 0) + 1 end
          end
          if back > 0 then break end
        end
      end
    end
    near, shared = most_like(counted, item[4][2], item[4][3])
  end
  local root = first
  if first == id and shared > 0 then
    root = near
    -- Asked again: what joined our family meanwhile is not its root.
    if redis.call('HEXISTS', base .. 'fam:' .. id, near) == 1 then root = id end
    local record = find_article(near)
    if record then
      local r = cmsgpack.unpack(record)
      if r[7] and r[7] ~= '' then root = article_name(r[7]) end
    end
  elseif first ~= id then
    local record = find_article(first)
    if record then
      local r = cmsgpack.unpack(record)
      if r[7] and r[7] ~= '' then root = article_name(r[7]) end
    end
  end
  if first == id then
    local stored = root == id and item[6] or article_bytes(root)
    for n = 1, math.min(index_size, #sketch) do
      local element = sketch[n]
      local key, field = places[0] .. sketch_bucket(element), element:sub(1, 2)
      local ids = redis.call('HGET', key, field) or ''
      if not has_id(ids, stored) and #ids < full then
        redis.call('HSET', key, field, ids .. stored)
        if ids == '' then redis.call('EXPIRE', key, sketch_s) end
      end
    end
  end
  local family = {}
  if root ~= id or redis.call('EXISTS', base .. 'fam:' .. id) == 1 then
    local key = base .. 'fam:' .. root
    if redis.call('HLEN', key) < 500 then redis.call('HSET', key, id, owner) end
    if root ~= id and root == first and first_owner ~= '' then redis.call('HSETNX', key, root, first_owner) end
    redis.call('EXPIRE', key, memory_s)
    family = redis.call('HGETALL', key)
  end
  out[i] = {first, near, shared, root, family}
end
return out
