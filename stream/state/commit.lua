-- One batch of one partition: everything that it changes and the offset, or nothing.
-- KEYS: head, state, read, changed, gone, due, expiry.
-- ARGV: base, end, epoch, run, stream_time, counts, tombstones kept; lists, packed; fields' values, one after another;
--   then states to set, id and blob by turns.
-- Lists: states to remove; fields to set, how long their values are, and to remove; due to set (instant, id) and to
--   remove; expiries to set (instant, member) and to remove.
-- Lua hashes each byte of each string that it is given or makes, so what is long stands by itself, and what is short
--   together. A field that is written again after it has gone stays in `gone`, with a lower seq than in `changed`.
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
if #lists ~= 8 or #ARGV % 2 == 0 then return outcome('refused', 'not eight lists') end
local states_gone, fields, lengths, fields_gone, dues, due_gone, members, members_gone = unpack(lists)

local views = {}
for i = 1, #fields do
  views[2 * i - 1], views[2 * i] = fields[i], values:sub(at + 1, at + lengths[i])
  at = at + lengths[i]
end
if at ~= #values then return outcome('refused', 'not as many bytes') end
for _, list in ipairs({dues, members}) do
  for i = 1, #list, 2 do
    local at = tonumber(list[i])
    if not at then return outcome('refused', 'an instant that is no number') end
    list[i] = string.format('%d', at) -- Redis would write it with seventeen digits of a float, ten times as slowly
  end
end

local function all(command, key, list, from)
  for first = from or 1, #list, 4000 do
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
all('HSET', state, ARGV, 10)
all('HDEL', state, states_gone)
all('HSET', read, views)
score(changed, fields, seq)
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
