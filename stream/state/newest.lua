-- Entities of a shard with the latest expiries first, a page. Never writes; one bounded look.
-- KEYS: state, expiry. ARGV: from (score), down to (score), how many of the first at `from` to skip, entities, members.
-- Members that are no entities (fields of rings) are passed over. An answer has at most so many entities, and looks at
-- no more than so many members. Returns {from, skip, over, members, names, scores, packed}: where the next page begins,
-- over = 1 when there is none, and how many members it has looked at.
local unpack = unpack or table.unpack
local from, skip = ARGV[1], tonumber(ARGV[3])
local entities, members = tonumber(ARGV[4]), tonumber(ARGV[5])
local found = redis.call('ZREVRANGEBYSCORE', KEYS[2], from, ARGV[2], 'WITHSCORES', 'LIMIT', skip, members)
local names, scores, last = {}, {}, -1
for i = 1, #found, 2 do
  if #names == entities then break end
  last = i
  if string.sub(found[i], 1, 1) == 's' then
    names[#names + 1] = string.sub(found[i], 2)
    scores[#scores + 1] = found[i + 1]
  end
end
if last > 0 then
  local at, same = found[last + 1], 0
  for i = last, 1, -2 do
    if found[i + 1] ~= at then break end
    same = same + 1
  end
  skip = at == from and skip + same or same
  from = at
end
local over = (last + 1 >= #found and #found < 2 * members) and 1 or 0
local packed = {}
for i = 1, #names, 4000 do
  local part = redis.call('HMGET', KEYS[1], unpack(names, i, math.min(i + 3999, #names)))
  for j = 1, #part do packed[i + j - 1] = part[j] end
end
return {from, skip, over, (last + 1) / 2, names, scores, packed}
