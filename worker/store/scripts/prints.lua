-- Who printed this text first, and who printed something very like it?
-- item: {article, owner, fingerprint, {sketch elements; the first 16 are stored}, least shared elements for a family, article
-- whose claim to the text is void or '', the first one's 10 bytes}; answer: {first article, near article, shared,
-- the family's first article, owners (flat)}; of a family's first article the caller adds the owner where none is given
-- The fingerprint is given to the first article that shows it; asking again gives the same answer.
-- An element remembers the families that have it, not each of their printings; one that eight have is a stock phrase and
-- proves nothing.
local full = 8 * 10
-- Whether one of two texts is mostly in the other. stored: the 16 smallest hashes of the one, 3 bytes of each; query: the 64
-- smallest of the other; both are complete up to the smaller of their largest hashes, and only so far are they compared, stock
-- phrases apart.
local function is_near(stored, query, shared, stock)
  if not stored or #stored < 48 or #query == 0 then return shared >= 5 end
  local limit, common = crc(stored:sub(-3)), {} -- strings are not compared: their order is the locale's
  if #query >= 64 then limit = math.min(limit, crc(query[#query]:sub(1, 3))) end
  for element in pairs(stock) do common[element:sub(1, 3)] = true end
  local has, ours, theirs, both = {}, 0, 0, 0
  for at = 1, #stored, 3 do
    local element = stored:sub(at, at + 2)
    if crc(element) <= limit and not common[element] then
      has[element] = true
      theirs = theirs + 1
    end
  end
  for _, whole in ipairs(query) do
    local element = whole:sub(1, 3)
    if crc(element) <= limit and not common[element] then
      ours = ours + 1
      if has[element] then both = both + 1 end
    end
  end
  return both >= 3 and both * 100 >= 40 * math.min(ours, theirs)
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
  local id, owner, print, sketch, least = item[1], item[2], item[3], item[4], item[5]
  local first
  for back = 0, periods - 1 do
    first = redis.call('HGET', bucket('p', period - back, print), field_of(print))
    if first then
      if back > 0 then remember('p', print, first) end
      break
    end
  end
  if not first or (item[6] ~= '' and article_name(first:sub(1, 10)) == item[6]) then
    first = item[7] .. owner
    remember('p', print, first)
  end
  local first_owner = first:sub(11)
  first = article_name(first:sub(1, 10))
  local near, shared = '', 0
  if first == id and #sketch > 0 then
    local count, stock = {}, {}
    for _, element in ipairs(sketch) do
      local at_bucket = sketch_bucket(element)
      for back = 0, 2 do
        local ids = redis.call('HGET', places[back] .. at_bucket, element:sub(1, 2))
        if ids then
          if #ids >= full then stock[element] = true end
          for at = 1, #ids < full and #ids or 0, 10 do
            local other = ids:sub(at, at + 9)
            if other ~= item[7] then count[other] = (count[other] or 0) + 1 end
          end
          if back > 0 then break end
        end
      end
    end
    for stored, n in pairs(count) do
      if n >= least and n > shared then
        local other = article_name(stored)
        local record = find_article(other)
        if is_near(record and cmsgpack.unpack(record)[9], sketch, n, stock) then near, shared = other, n end
      end
    end
  end
  local root = first
  if first == id and shared >= least then
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
    local stored = root == id and item[7] or article_bytes(root)
    for n = 1, math.min(16, #sketch) do
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
