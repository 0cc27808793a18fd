-- Parts of a shard with the offset at which they stand, in one look.
-- KEYS: head, state, read, due, expiry. ARGV: due by, at most, expired before, at most, n entities, entity…, field…
-- Returns {offset, seq, epoch, run}, packed entities, packed fields, due entities, expired members.
local unpack = unpack or table.unpack

local function values(key, from, to)
  local found = {}
  for first = from, to, 4000 do
    local last = math.min(first + 3999, to)
    local part = redis.call('HMGET', key, unpack(ARGV, first, last))
    for i = 1, last - first + 1 do found[first - from + i] = part[i] end
  end
  return found
end

local function until_(key, score, limit)
  if limit == '0' then return {} end
  return redis.call('ZRANGEBYSCORE', key, '-inf', score, 'LIMIT', 0, limit)
end

local entities = tonumber(ARGV[5])
return {
  redis.call('HMGET', KEYS[1], 'offset', 'seq', 'epoch', 'run'),
  values(KEYS[2], 6, 5 + entities),
  values(KEYS[3], 6 + entities, #ARGV),
  until_(KEYS[4], ARGV[1], ARGV[2]),
  until_(KEYS[5], '(' .. ARGV[3], ARGV[4]),
}
