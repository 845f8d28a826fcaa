/** The time, the names of things, the log, and what is revoked. Every line of Lua here runs inside one script, so nothing comes between two of them. */
export const LOG: string = `
local LOG, HEAD, ENTRIES, EXPIRY, EPOCHS, SESSIONS, SESSION_EXPIRY, ACCOUNTS, USERNAMES, MENDING = unpack(KEYS)
-- How many lines are looked at between two looks at anything else, and in one script at most.
local STEP, LOOK = 1000, 5000
local operation, given, shift, PREFIX = ARGV[1], cjson.decode(ARGV[2]), tonumber(ARGV[3]), ARGV[4]

local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000 + math.floor(tonumber(clock[2]) / 1000) + shift

-- One text for several, such that no two lists share it.
local function name(...)
  local parts = {...}
  for index, part in ipairs(parts) do parts[index] = #part .. ':' .. part end
  return table.concat(parts)
end

local function parts_of(named)
  local parts, from = {}, 1
  while from <= #named do
    local length, begin = named:match('^(%d+):()', from)
    from = begin + tonumber(length)
    parts[#parts + 1] = named:sub(begin, from - 1)
  end
  return parts
end

-- Keys that are not known beforehand; their hash tag is that of the others.
local function sids_of(issuer, sub) return PREFIX .. 'sids:' .. name(issuer, sub) end
local function issuers_of(sub) return PREFIX .. 'issuers:' .. sub end

local function whole(number) return string.format('%.0f', number) end

local function fields_of(line)
  local fields = {}
  for index = 1, #line, 2 do fields[line[index]] = line[index + 1] end
  return fields
end

local function position_of(line) return tonumber(line[1]:match('^%d+')) end

local function known_entry(entry)
  local position, epoch, expires_at = (redis.call('HGET', ENTRIES, entry) or ''):match('^(%d+) (%d+) (-?%d+)$')
  if not position then return nil end
  return { position = tonumber(position), epoch = tonumber(epoch), expires_at = tonumber(expires_at) }
end

local function keep_entry(entry, position, epoch, expires_at)
  redis.call('HSET', ENTRIES, entry, whole(position) .. ' ' .. whole(epoch) .. ' ' .. whole(expires_at))
  redis.call('ZADD', EXPIRY, expires_at, entry)
end

-- Whose line stands at a position.
local function entry_at(position)
  local line = redis.call('XRANGE', LOG, whole(position), whole(position), 'COUNT', 1)[1]
  if not line then return nil end
  local fields = fields_of(line[2])
  return name(fields.kind or '', fields.issuer or '', fields.key or '')
end

-- Writes a line at the end, whatever there is.
local function write_line(kind, issuer, key, epoch, expires_at)
  local position = redis.call('INCR', HEAD)
  redis.call('XADD', LOG, whole(position) .. '-0', 'kind', kind, 'issuer', issuer, 'key', key, 'epoch', whole(epoch), 'until', whole(expires_at))
  keep_entry(name(kind, issuer, key), position, epoch, expires_at)
  redis.call('PUBLISH', PREFIX .. 'appended', '')
end

-- Writes a line at the end, unless the log has one of the key that reaches as far.
local function append(kind, issuer, key, epoch, expires_at)
  local entry = name(kind, issuer, key)
  local known = known_entry(entry)
  if known then
    local is_there = entry_at(known.position) == entry
    if is_there and known.expires_at >= expires_at and known.epoch >= epoch then return end
    if is_there then redis.call('XDEL', LOG, whole(known.position) .. '-0') end
    expires_at, epoch = math.max(expires_at, known.expires_at), math.max(epoch, known.epoch)
  end
  write_line(kind, issuer, key, epoch, expires_at)
end

local function is_listed(kind, issuer, key)
  local known = known_entry(name(kind, issuer, key))
  return known ~= nil and known.expires_at > now
end

local function epoch_of(issuer, sub)
  local kept = tonumber(redis.call('HGET', EPOCHS, name(issuer, sub)) or '0')
  local known = known_entry(name('subject', issuer, sub))
  -- The log knows it too, if the epochs were lost.
  return math.max(kept, known and known.epoch or 0)
end

local function find_session(issuer, sid)
  local row = redis.call('HGET', SESSIONS, name(issuer, sid))
  return row and cjson.decode(row) or nil
end

local function write_session(row)
  redis.call('HSET', SESSIONS, name(row.issuer, row.sid), cjson.encode(row))
  redis.call('ZADD', SESSION_EXPIRY, row.expiresAt, name(row.issuer, row.sid))
end

local function end_session(row)
  if row and row.endedAt == cjson.null then
    row.endedAt = now
    write_session(row)
    -- Only what is alive is looked through at a login; ended rows stay for as long as a refresh token may come back.
    redis.call('SREM', sids_of(row.issuer, row.sub), row.sid)
  end
end

-- Writes the revocation, and ends the sessions it is about.
local function revoke(given)
  local kind, issuer = given.kind, given.issuer
  if kind == 'token' then return append(kind, issuer, given.jti, 0, given.expiresAt * 1000) end
  if kind == 'session' then
    local row = find_session(issuer, given.sid)
    end_session(row)
    local seconds = row and given.retentionWithSession or given.retention
    return append(kind, issuer, given.sid, 0, now + seconds * 1000)
  end
  local known = epoch_of(issuer, given.sub)
  local epoch = given.epoch and math.max(known, given.epoch) or known + 1
  if epoch > known then
    for _, sid in ipairs(redis.call('SMEMBERS', sids_of(issuer, given.sub))) do end_session(find_session(issuer, sid)) end
  end
  redis.call('HSET', EPOCHS, name(issuer, given.sub), whole(epoch))
  redis.call('SADD', issuers_of(given.sub), issuer)
  append(kind, issuer, given.sub, epoch, now + given.retention * 1000)
end

-- The row of an ended session answers too: a refresh token lives longer than the entry in the log.
local function is_revoked(identity)
  local issuer = identity.issuer
  if is_listed('token', issuer, identity.jti) or is_listed('session', issuer, identity.sid) then return true end
  local row = find_session(issuer, identity.sid)
  return (row ~= nil and row.endedAt ~= cjson.null) or identity.ue < epoch_of(issuer, identity.sub)
end

-- The page and the head belong together: an entry between two reads would be skipped for ever. Where that was not all, and not enough, the answer says where to go on.
local function read_since(position, limit)
  local entries, at, looked, size = {}, position, 0, limit
  local answer = { head = tonumber(redis.call('GET', HEAD) or '0'), now = now }
  repeat
    local page = redis.call('XRANGE', LOG, '(' .. whole(at) .. '-0', '+', 'COUNT', size)
    for _, line in ipairs(page) do
      at = position_of(line)
      local fields = fields_of(line[2])
      if tonumber(fields['until']) > now and #entries < limit then
        entries[#entries + 1] = {
          position = at,
          kind = fields.kind,
          issuer = fields.issuer,
          key = fields.key,
          epoch = tonumber(fields.epoch),
          expiresAt = tonumber(fields['until']),
        }
      end
    end
    local is_end = #page < size
    looked, size = looked + #page, STEP
    if not is_end and looked >= LOOK then answer.rest = at end
  until is_end or answer.rest or #entries == limit
  answer.entries = entries
  return answer
end

-- Removes expired lines, the oldest first.
local function purge_log(limit)
  local expired = redis.call('ZRANGEBYSCORE', EXPIRY, '-inf', now, 'LIMIT', 0, limit)
  for _, entry in ipairs(expired) do
    local known = known_entry(entry)
    if known and known.epoch > 0 then
      local _, issuer, sub = unpack(parts_of(entry))
      redis.call('HSET', EPOCHS, name(issuer, sub), whole(epoch_of(issuer, sub)))
    end
    if known then redis.call('XDEL', LOG, whole(known.position) .. '-0') end
    redis.call('HDEL', ENTRIES, entry)
    redis.call('ZREM', EXPIRY, entry)
  end
  return #expired
end
`
