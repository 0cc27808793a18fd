-- What of a shard changed since a reader last looked. One atomic look, bounded.
-- KEYS: head, read, changed, gone.  ARGV: run, seq (what the reader has), limit (fields), ring to leave out, seq at
--   which it began to read the whole: of what had gone by then it has nothing, and needs no tombstones.
-- Returns {} for a shard that nobody has written, else
-- {whole, upto, run, seq, offset, stream_time, counts, gone fields, changed fields, lists of their values}.
-- whole = 1: forget what you have of this shard. upto < seq: there is more, ask again from upto.
local unpack = unpack or table.unpack
local head = redis.call('HMGET', KEYS[1], 'run', 'seq', 'floor', 'offset', 'stream_time', 'counts')
if not head[2] then return {} end
local run, seq = head[1] or '', tonumber(head[2])
local since, known, whole = tonumber(ARGV[2]), math.max(tonumber(ARGV[2]), tonumber(ARGV[5])), 0
if run ~= ARGV[1] or seq < known or known < tonumber(head[3] or '0') then
  since, whole = -1, 1
end
local gone, fields, values, upto = {}, {}, {}, head[2]
if since < seq then
  local after, limit = '(' .. string.format('%.0f', since), tonumber(ARGV[3])
  local found = redis.call('ZRANGEBYSCORE', KEYS[3], after, '+inf', 'LIMIT', 0, limit)
  local byte, cell, left_out, rest = string.byte, string.byte('c'), string.byte(ARGV[4]), {}
  if #found == limit then
    upto = string.format('%.0f', tonumber(redis.call('ZSCORE', KEYS[3], found[limit])))
    rest = redis.call('ZRANGEBYSCORE', KEYS[3], after, upto, 'LIMIT', limit, -1)
  end
  if whole == 0 then gone = redis.call('ZRANGEBYSCORE', KEYS[4], after, upto) end
  local n = 0
  for _, part in ipairs({found, rest}) do
    for i = 1, #part do
      local kind, ring = byte(part[i], 1, 2)
      if kind ~= cell or ring ~= left_out then
        n = n + 1
        fields[n] = part[i]
      end
    end
  end
  for i = 1, n, 4000 do
    values[#values + 1] = redis.call('HMGET', KEYS[2], unpack(fields, i, math.min(i + 3999, n)))
  end
end
return {whole, upto, run, head[2], head[4] or '0', head[5] or '0', head[6] or '', gone, fields, values}
