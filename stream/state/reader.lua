-- What of a shard changed since a reader last looked. One atomic look, bounded.
-- KEYS: head, read, changed, gone.  ARGV: run, seq (what the reader has), limit (fields), ring to leave out.
-- Returns {} for a shard that nobody has written, else
-- {whole, upto, run, seq, offset, stream_time, counts, gone fields, changed fields, their values}.
-- whole = 1: forget what you have of this shard. upto < seq: there is more, ask again from upto.
local unpack = unpack or table.unpack
local head = redis.call('HMGET', KEYS[1], 'run', 'seq', 'floor', 'offset', 'stream_time', 'counts')
if not head[2] then return {} end
local run, seq = head[1] or '', tonumber(head[2])
local since, whole = tonumber(ARGV[2]), 0
if run ~= ARGV[1] or seq < since or since < tonumber(head[3] or '0') then
  since, whole = -1, 1
end
local gone, fields, values, upto = {}, {}, {}, head[2]
if since < seq then
  local after, limit = '(' .. string.format('%.0f', since), tonumber(ARGV[3])
  local found = redis.call('ZRANGEBYSCORE', KEYS[3], after, '+inf', 'WITHSCORES', 'LIMIT', 0, limit)
  if #found == 2 * limit then
    upto = string.format('%.0f', tonumber(found[#found]))
    found = redis.call('ZRANGEBYSCORE', KEYS[3], after, upto, 'WITHSCORES')
  end
  if whole == 0 then gone = redis.call('ZRANGEBYSCORE', KEYS[4], after, upto) end
  local left_out = 'c' .. ARGV[4] .. '|'
  for i = 1, #found, 2 do
    if string.sub(found[i], 1, 3) ~= left_out then fields[#fields + 1] = found[i] end
  end
  for i = 1, #fields, 4000 do
    local part = {}
    for j = i, math.min(i + 3999, #fields) do part[#part + 1] = fields[j] end
    local got = redis.call('HMGET', KEYS[2], unpack(part))
    for j = 1, #got do values[i + j - 1] = got[j] end
  end
end
return {whole, upto, run, head[2], head[4] or '0', head[5] or '0', head[6] or '', gone, fields, values}
