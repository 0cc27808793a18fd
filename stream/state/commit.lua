-- One batch of one partition: everything that it changes and the offset, or nothing.
-- KEYS: head, state, read, changed, gone, due, expiry.
-- ARGV: base, end, epoch, run, stream_time, counts, tombstones kept, then nine lists, each led by its length:
--   states to set (id, blob) and to remove; fields to set (field, value), which of them are new, and to remove;
--   due to set (instant, id) and to remove; expiries to set (instant, member) and to remove.
-- Returns outcome, offset, seq, epoch, run, why. A script does not roll back: all checks stand before the first write.
local unpack = unpack or table.unpack
local head, state, read, changed, gone, due, expiry = unpack(KEYS)

local kinds = {'hash', 'hash', 'hash', 'zset', 'zset', 'zset', 'zset'}
for i = 1, 7 do
  local kind = redis.call('TYPE', KEYS[i])['ok']
  if kind ~= 'none' and kind ~= kinds[i] then return {'refused', '', '', '', '', KEYS[i] .. ' is a ' .. kind} end
end
local offset, seq, epoch, run = unpack(redis.call('HMGET', head, 'offset', 'seq', 'epoch', 'run'))
local function outcome(word, why) return {word, offset or '', seq or '', epoch or '', run or '', why or ''} end
if not offset then return outcome('gap') end
-- owner: begin
if epoch ~= ARGV[3] or run ~= ARGV[4] then return outcome('fenced') end
-- owner: end
local stored, base, last = tonumber(offset), tonumber(ARGV[1]), tonumber(ARGV[2])
if not (stored and base and last and base <= last) then return outcome('refused', 'offsets') end
-- base: begin
if base > stored then return outcome('gap') end
if last <= stored and base < stored then return outcome('duplicate') end
if base < stored then return outcome('overlap') end
-- base: end

local lists, at = {}, 8
for i = 1, 9 do
  local n = tonumber(ARGV[at])
  if not n or n < 0 or at + n > #ARGV then return outcome('refused', 'list ' .. i) end
  lists[i] = {at + 1, at + n}
  at = at + n + 1
end
if at ~= #ARGV + 1 then return outcome('refused', 'more than nine lists') end
for i = 6, 8, 2 do
  for j = lists[i][1], lists[i][2], 2 do
    if not tonumber(ARGV[j]) then return outcome('refused', 'an instant that is no number') end
  end
end

local function all(command, key, list)
  for first = list[1], list[2], 4000 do
    redis.call(command, key, unpack(ARGV, first, math.min(first + 3999, list[2])))
  end
end

local function score(key, list, step, by)
  local n, pairs_ = 0, {}
  for i = list[1], list[2], step do
    pairs_[n + 1], pairs_[n + 2], n = by, ARGV[i], n + 2
    if n == 4000 then
      redis.call('ZADD', key, unpack(pairs_, 1, n))
      n = 0
    end
  end
  if n > 0 then redis.call('ZADD', key, unpack(pairs_, 1, n)) end
end

seq = string.format('%.0f', tonumber(seq or '0') + 1)
all('HSET', state, lists[1])
all('HDEL', state, lists[2])
all('HSET', read, lists[3])
score(changed, lists[3], 2, seq)
all('ZREM', gone, lists[4])
all('HDEL', read, lists[5])
all('ZREM', changed, lists[5])
score(gone, lists[5], 1, seq)
all('ZADD', due, lists[6])
all('ZREM', due, lists[7])
all('ZADD', expiry, lists[8])
all('ZREM', expiry, lists[9])
local excess = redis.call('ZCARD', gone) - tonumber(ARGV[7])
if excess > 0 then
  local newest = redis.call('ZRANGE', gone, excess - 1, excess - 1, 'WITHSCORES')
  redis.call('ZREMRANGEBYRANK', gone, 0, excess - 1)
  redis.call('HSET', head, 'floor', newest[2])
end
redis.call('HSET', head, 'seq', seq, 'stream_time', ARGV[5], 'counts', ARGV[6], 'offset', ARGV[2])
return {'applied', ARGV[2], seq, epoch, run, ''}
