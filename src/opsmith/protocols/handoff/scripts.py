"""What has to happen at once or not at all, as Lua that Redis runs whole.

Leases are counted by Redis' own clock. A lease is the text "TOKEN SCORE QUEUE": who holds the id, and where it goes back to; an empty token is
nobody, who waits for a retry. Payload and done keys are made from the id, so these scripts need a single Redis, no cluster.
"""

from __future__ import annotations

from opsmith.protocols.handoff.names import DONE_PREFIX, DONE_SECONDS, KEPT_TIMES, PAYLOAD_PREFIX, PAYLOAD_SECONDS, TIMES, TOTAL

_SHARED = f"""
local function now()
  local clock = redis.call('TIME')
  return clock[1] + clock[2] / 1000000
end
local function lease(leases, id)
  local token, score, queue = string.match(redis.call('HGET', leases, id) or '', '^(%S*) (%S+) (%S+)$')
  return token, score, queue
end
local function counted(key)
  redis.call('INCR', key)
  redis.call('EXPIRE', key, {PAYLOAD_SECONDS})
end
local function publish(id, queue, score, data)
  if redis.call('EXISTS', '{DONE_PREFIX}' .. id) == 1 then return 0 end
  if not redis.call('SET', '{PAYLOAD_PREFIX}' .. id, data, 'NX', 'EX', {PAYLOAD_SECONDS}) then return 0 end
  redis.call('ZADD', queue, score, id)
  counted('{TOTAL}')
  return 1
end
"""

PUBLISH = f"""{_SHARED}
-- ARGV: id queue score payload. Sent twice, as after a lost answer, it is in the queue once.
local fresh = publish(ARGV[1], ARGV[2], ARGV[3], ARGV[4])
return {{fresh, redis.call('ZCARD', ARGV[2])}}
"""

CLAIM = f"""{_SHARED}
-- KEYS: in-flight leases abandoned queue...   ARGV: token lease-seconds resume payload-limit
local time = now()
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', time, 'LIMIT', 0, 100)) do
  local token, score, queue = lease(KEYS[2], id)
  redis.call('ZADD', queue or KEYS[4], score or 3, id)
  if token ~= '' then redis.call('HINCRBY', KEYS[3], id, 1) end
  redis.call('HDEL', KEYS[2], id)
  redis.call('ZREM', KEYS[1], id)
end
local function taken(id, score, queue)
  local size, data = redis.pcall('STRLEN', '{PAYLOAD_PREFIX}' .. id), ''
  if type(size) == 'table' then
    size = -2
  elseif redis.call('EXISTS', '{PAYLOAD_PREFIX}' .. id) == 0 then
    size = -1
  else
    data = redis.call('GETRANGE', '{PAYLOAD_PREFIX}' .. id, 0, ARGV[4])
  end
  local done = redis.pcall('GET', '{DONE_PREFIX}' .. id)
  if type(done) ~= 'string' then done = '' end
  return {{id, queue, score, size, data, done, tonumber(redis.call('HGET', KEYS[3], id) or 0)}}
end
if ARGV[3] == '1' then
  local held = redis.call('HGETALL', KEYS[2])
  for at = 1, #held, 2 do
    local token, score, queue = lease(KEYS[2], held[at])
    if token == ARGV[1] then return taken(held[at], score, queue) end
  end
end
for at = 4, #KEYS do
  local first = redis.call('ZRANGE', KEYS[at], 0, 0, 'WITHSCORES')
  if first[1] then
    redis.call('ZADD', KEYS[1], time + ARGV[2], first[1])
    redis.call('HSET', KEYS[2], first[1], ARGV[1] .. ' ' .. first[2] .. ' ' .. KEYS[at])
    redis.call('ZREM', KEYS[at], first[1])
    return taken(first[1], first[2], KEYS[at])
  end
end
return false
"""

HOLD = f"""{_SHARED}
-- KEYS: in-flight leases payload   ARGV: id token lease-seconds payload-or-empty. 0: somebody else has it by now.
if lease(KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZADD', KEYS[1], now() + ARGV[3], ARGV[1])
if ARGV[4] ~= '' then redis.call('SET', KEYS[3], ARGV[4]) end
redis.call('EXPIRE', KEYS[3], {PAYLOAD_SECONDS})
return 1
"""

DEFER = f"""{_SHARED}
-- KEYS: in-flight leases payload   ARGV: id token seconds score payload-or-empty. It waits among what is in flight, held by nobody.
local token, score, queue = lease(KEYS[2], ARGV[1])
if token ~= ARGV[2] then return 0 end
if ARGV[4] ~= '' then score = ARGV[4] end
redis.call('ZADD', KEYS[1], now() + ARGV[3], ARGV[1])
redis.call('HSET', KEYS[2], ARGV[1], ' ' .. score .. ' ' .. queue)
if ARGV[5] ~= '' then redis.call('SET', KEYS[3], ARGV[5], 'EX', {PAYLOAD_SECONDS}) end
return 1
"""

SETTLE = f"""{_SHARED}
-- KEYS: in-flight leases abandoned payload done counter
-- ARGV: id token checksum payload-or-empty duration, then for each handoff that follows from it: id queue score payload
local token, _, queue = lease(KEYS[2], ARGV[1])
if not token or token == '' or token == ARGV[2] then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
end
redis.call('HDEL', KEYS[3], ARGV[1])
if queue then redis.call('ZREM', queue, ARGV[1]) end
if not redis.call('SET', KEYS[5], ARGV[3], 'NX', 'EX', {DONE_SECONDS}) then return 0 end
if ARGV[4] ~= '' then redis.call('SET', KEYS[4], ARGV[4], 'EX', {PAYLOAD_SECONDS}) end
if ARGV[5] ~= '' then
  counted(KEYS[6])
  redis.call('LPUSH', '{TIMES}', ARGV[5])
  redis.call('LTRIM', '{TIMES}', 0, {KEPT_TIMES - 1})
  redis.call('EXPIRE', '{TIMES}', {PAYLOAD_SECONDS})
end
for at = 6, #ARGV, 4 do publish(ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]) end
return 1
"""

BURY = f"""{_SHARED}
-- KEYS: in-flight leases abandoned payload dead counter
-- ARGV: id token entry payload-or-empty duration-or-empty, then the handoffs that follow
if lease(KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('LPUSH', KEYS[5], ARGV[3])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
if ARGV[4] ~= '' then redis.call('SET', KEYS[4], ARGV[4], 'EX', {PAYLOAD_SECONDS}) end
counted(KEYS[6])
if ARGV[5] ~= '' then
  redis.call('LPUSH', '{TIMES}', ARGV[5])
  redis.call('LTRIM', '{TIMES}', 0, {KEPT_TIMES - 1})
  redis.call('EXPIRE', '{TIMES}', {PAYLOAD_SECONDS})
end
for at = 6, #ARGV, 4 do publish(ARGV[at], ARGV[at + 1], ARGV[at + 2], ARGV[at + 3]) end
return 1
"""

RELEASE = f"""{_SHARED}
-- KEYS: in-flight leases payload   ARGV: id token payload-or-empty. Back to its place in the queue.
local token, score, queue = lease(KEYS[2], ARGV[1])
if token ~= ARGV[2] then return 0 end
redis.call('ZADD', queue, score, ARGV[1])
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
if ARGV[3] ~= '' then redis.call('SET', KEYS[3], ARGV[3], 'EX', {PAYLOAD_SECONDS}) end
return 1
"""

FORGET = f"""{_SHARED}
-- KEYS: in-flight leases abandoned   ARGV: id token. It was done before: nothing more is to happen.
if lease(KEYS[2], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('HDEL', KEYS[3], ARGV[1])
return 1
"""

REVIVE = f"""
-- KEYS: dead payload queue   ARGV: entry id score payload. 0: somebody else took the entry.
if redis.call('LREM', KEYS[1], 1, ARGV[1]) == 0 then return 0 end
redis.call('SET', KEYS[2], ARGV[4], 'EX', {PAYLOAD_SECONDS})
redis.call('ZADD', KEYS[3], ARGV[3], ARGV[2])
return 1
"""
