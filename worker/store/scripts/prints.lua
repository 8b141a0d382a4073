-- Who printed this text first, and who printed something very like it?
-- Of one partition, one item asks for all: {'all', article, owner, fingerprint, {sketch: elements (the first 12 are stored),
-- shingles, numbers}, article whose claim to the text is void or '', the first one's 10 bytes}; answer: {first article, near
-- article, sixteenths of the smaller text that both have, the family's first article, owners (flat)}; of a family's first article
-- the caller adds the owner where none is given.
-- With several partitions each step is an item of its own, in the partition of what it reads (`store.prints`):
--   {'first', as above} -> {first article, its owner, '' once that is published}
--   {'count', the article's 10 bytes, elements of this partition, which of them are stored}
--     -> {stock phrases among those stored, {candidate, shared elements, ...}}
--   {'compare', articles of this partition, elements that each shares, shingles, numbers, share of stock phrases}
--     -> for each {sixteenths, the first article of its family, 1 where it has a record}
--   {'agree', the smaller of two articles without a record, the other, which is to be the first} -> which is
--   {'index', elements, ours, the family's first one's 10 bytes} -> 1
--   {'leave', article, the family's first article, which is of this partition} -> 1: it is another article's text after all
--   {'join', article, owner, the family's first article, which is of this partition, its owner or ''} -> owners (flat)
-- The fingerprint is given to the first article that shows it; asking again gives the same answer, of each step.
-- An element remembers the families that have it, not each of their printings; one that eight have is a stock phrase and
-- finds nothing. The share of such phrases among the elements that are stored of a text stands for that of the whole text: what
-- two texts have in common by it is no copy, so it is taken off on both sides (`dedup.fingerprint.Overlap`).
local full, index_size, most_candidates = 8 * 10, 12, 16
local near_floor, near_share, compared, most_stock = 3, 0.4, 320, 0.5
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
local function likeness(stored, shingles, low, numbers, stock)
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
  stock = math.min(stock, most_stock)
  if both - stock * least < near_floor + near_share * (1 - stock) * least or has_other_numbers(stored, at, numbers) then return 0 end
  return math.min(16, math.floor(16 * both / least + 0.5))
end
local function by_low_bytes(shingles)
  local low = {}
  for at = #shingles, 1, -1 do low[shingles[at] % 65536] = shingles[at] end
  return low
end
-- How like a stored article is: sixteenths of the smaller text, and its record. shared: elements that both have.
local function compare(other, shared, shingles, low, numbers, stock)
  local record = find_article(other)
  local r = record and cmsgpack.unpack(record)
  local sketch = r and r[9]
  if sketch and #sketch % 2 == 1 and #shingles > 0 then return likeness(sketch, shingles, low, numbers, stock), r end
  if 2 * shared < index_size then return 0, r end -- its record is not there yet, or of an older form
  return math.min(16, math.floor(16 * shared / index_size + 0.5)), r
end
local function family_of(article, r)
  return r and r[7] and r[7] ~= '' and article_name(r[7]) or article
end
-- The article that a text is most like, and how much: 0 for none. counted: candidates to the elements they share.
local function most_like(counted, stock, shingles, numbers)
  local candidates, near, shared, record, low = {}, '', 0, nil, by_low_bytes(shingles)
  for stored in pairs(counted) do candidates[#candidates + 1] = stored end
  table.sort(candidates, function(a, b)
    if counted[a] ~= counted[b] then return counted[a] > counted[b] end
    return a < b
  end)
  for n = 1, math.min(most_candidates, #candidates) do
    local other = article_name(candidates[n])
    local like, r = compare(other, counted[candidates[n]], shingles, low, numbers, stock)
    if like > shared then near, shared, record = other, like, r end
  end
  return near, shared, record
end
local function place_of_id(ids, id)
  for at = 1, #ids, 10 do
    if ids:sub(at, at + 9) == id then return at end
  end
end
-- The last two bytes of an element name its hash, the first two its field.
local function sketch_bucket(element) return num(element:byte(3) * 256 + element:byte(4)) end
local places = {}
for back = 0, 2 do places[back] = base .. 'k:' .. num(sketch_period - back) .. ':' end
-- The article that showed a text first, and its owner.
local function first_of(id, owner, print, void, stored)
  local first
  for back = 0, periods - 1 do
    first = redis.call('HGET', bucket('p', period - back, print), field_of(print))
    if first then
      if back > 0 then remember('p', print, first) end
      break
    end
  end
  if not first or (void ~= '' and article_name(first:sub(1, 10)) == void) then
    first = stored .. owner
    remember('p', print, first)
  end
  return article_name(first:sub(1, 10)), first:sub(11)
end
-- The families that have these elements, to how many, without the article that asks; and how many of `ours` are stock phrases.
local function count_elements(elements, stored, ours)
  local counted, stock, is_ours = {}, 0, {}
  for _, element in ipairs(ours) do is_ours[element] = true end
  for _, element in ipairs(elements) do
    local at_bucket, is_stock = sketch_bucket(element), false
    for back = 0, 2 do
      local ids = redis.call('HGET', places[back] .. at_bucket, element:sub(1, 2))
      if ids then
        is_stock = is_stock or #ids >= full
        for at = 1, #ids < full and #ids or 0, 10 do
          local other = ids:sub(at, at + 9)
          if other ~= stored then counted[other] = (counted[other] or 0) + 1 end
        end
        if back > 0 then break end
      end
    end
    if is_stock and is_ours[element] then stock = stock + 1 end
  end
  return counted, stock
end
-- Store an element as one of a family, in place of `instead` where that is there.
local function index(element, stored, instead)
  local key, field = places[0] .. sketch_bucket(element), element:sub(1, 2)
  local ids = redis.call('HGET', key, field) or ''
  local before, at = ids, instead and place_of_id(ids, instead)
  if at then ids = ids:sub(1, at - 1) .. ids:sub(at + 10) end
  if not place_of_id(ids, stored) and #ids < full then ids = ids .. stored end
  if ids == before then return end
  redis.call('HSET', key, field, ids)
  if before == '' then redis.call('EXPIRE', key, sketch_s) end
end
-- Join a family; its printings and their owners. first_owner: of its first article, '' where that is not known.
local function join(id, owner, root, first_owner)
  local key = base .. 'fam:' .. root
  if root == id and redis.call('EXISTS', key) == 0 then return {} end
  if redis.call('HLEN', key) < 500 then redis.call('HSET', key, id, owner) end
  if root ~= id and first_owner ~= '' then redis.call('HSETNX', key, root, first_owner) end
  redis.call('EXPIRE', key, memory_s)
  return redis.call('HGETALL', key)
end
local steps = {}
function steps.all(_, id, owner, print, sketch, void, stored)
  local elements = sketch[1]
  local first, first_owner = first_of(id, owner, print, void, stored)
  local near, shared, root, record = '', 0, first, nil
  if first == id then
    if #elements > 0 then
      local ours = {unpack(elements, 1, math.min(index_size, #elements))}
      local counted, stock = count_elements(elements, stored, ours)
      near, shared, record = most_like(counted, stock / #ours, sketch[2], sketch[3])
    end
    if shared > 0 then
      root = family_of(near, record)
      -- Asked again: what joined our family meanwhile is not its root.
      if root == near and redis.call('HEXISTS', base .. 'fam:' .. id, near) == 1 then root = id end
    end
    for n = 1, math.min(index_size, #elements) do index(elements[n], root == id and stored or article_bytes(root)) end
  else
    record = find_article(first)
    root = family_of(first, record and cmsgpack.unpack(record))
  end
  return {first, near, shared, root, join(id, owner, root, root == first and first_owner or '')}
end
function steps.first(_, id, owner, print, _, void, stored)
  return {first_of(id, owner, print, void, stored)}
end
function steps.count(_, stored, elements, ours)
  local out = {}
  local counted, stock = count_elements(elements, stored, ours)
  for other, shared in pairs(counted) do
    out[#out + 1] = article_name(other)
    out[#out + 1] = shared
  end
  -- In the same step: of two texts that are asked about at the same time, each element shows the first to the second.
  for _, element in ipairs(ours) do index(element, stored) end
  return {stock, out}
end
function steps.compare(_, articles, shared, shingles, numbers, stock)
  local out, low = {}, by_low_bytes(shingles)
  for n, other in ipairs(articles) do
    local like, r = compare(other, shared[n], shingles, low, numbers, stock)
    out[n] = {like, family_of(other, r), r and 1 or 0}
  end
  return out
end
function steps.agree(_, smaller, larger, root)
  local key = base .. 'pair:' .. smaller
  redis.call('HSETNX', key, larger, root)
  redis.call('EXPIRE', key, 3600)
  return redis.call('HGET', key, larger)
end
function steps.index(_, elements, ours, root)
  for _, element in ipairs(elements) do index(element, root, ours) end
  return 1
end
function steps.leave(_, id, root)
  redis.call('HDEL', base .. 'fam:' .. root, id)
  return 1
end
function steps.join(_, id, owner, root, first_owner)
  return join(id, owner, root, first_owner)
end
local out = {}
for i, item in ipairs(args) do out[i] = steps[item[1]](unpack(item)) end
return out
