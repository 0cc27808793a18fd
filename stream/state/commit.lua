-- One batch of one partition: everything that it changes and the offset, or nothing.
-- KEYS: head, state, read, changed, gone, due, expiry.
-- ARGV: base, end, epoch, run, stream_time, counts, tombstones kept; lists, packed; blobs and values, one after another.
-- Lists: ids of states to set, how long their blobs are, states to remove; fields to set, how long their values are,
--   which of them are new, and to remove; due to set (instant, id) and to remove; expiries to set (instant, member) and
--   to remove.
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

local lists, values, at = cmsgpack.unpack(ARGV[8]), ARGV[9], 0
if #lists ~= 11 or #ARGV ~= 9 then return outcome('refused', 'not eleven lists') end
local states, sizes, states_gone, fields, lengths, fields_new, fields_gone, dues, due_gone, members, members_gone =
  unpack(lists)

local function cut(names, long)
  local found, n = {}, 0
  for i = 1, #names do
    found[n + 1], found[n + 2], n = names[i], values:sub(at + 1, at + long[i]), n + 2
    at = at + long[i]
  end
  return found
end

local blobs, views = cut(states, sizes), cut(fields, lengths)
if at ~= #values then return outcome('refused', 'not as many bytes') end
for _, list in ipairs({dues, members}) do
  for i = 1, #list, 2 do
    if not tonumber(list[i]) then return outcome('refused', 'an instant that is no number') end
  end
end

local function all(command, key, list)
  for first = 1, #list, 4000 do
    redis.call(command, key, unpack(list, first, math.min(first + 3999, #list)))
  end
end

local function score(key, names, by)
  local pairs_ = {}
  for i = 1, #names do
    pairs_[2 * i - 1], pairs_[2 * i] = by, names[i]
  end
  all('ZADD', key, pairs_)
end

seq = string.format('%.0f', tonumber(seq or '0') + 1)
all('HSET', state, blobs)
all('HDEL', state, states_gone)
all('HSET', read, views)
score(changed, fields, seq)
all('ZREM', gone, fields_new)
all('HDEL', read, fields_gone)
all('ZREM', changed, fields_gone)
score(gone, fields_gone, seq)
all('ZADD', due, dues)
all('ZREM', due, due_gone)
all('ZADD', expiry, members)
all('ZREM', expiry, members_gone)
local excess = redis.call('ZCARD', gone) - tonumber(ARGV[7])
if excess > 0 then
  local newest = redis.call('ZRANGE', gone, excess - 1, excess - 1, 'WITHSCORES')
  redis.call('ZREMRANGEBYRANK', gone, 0, excess - 1)
  redis.call('HSET', head, 'floor', newest[2])
end
redis.call('HSET', head, 'seq', seq, 'stream_time', ARGV[5], 'counts', ARGV[6], 'offset', ARGV[2])
return {'applied', ARGV[2], seq, epoch, run, ''}
