-- What is known of articles. item: {article}; answer: {record or '', 1 where an entry has claimed it, else 0}
local out = {}
for i, item in ipairs(args) do
  out[i] = {find_article(item[1]) or '', redis.call('EXISTS', base .. 'l:' .. item[1])}
end
return out
