import { ROW_LEEWAY } from '../../rotation.ts'

/** Sessions, by the rules of `stores/rotation.ts`. */
export const SESSIONS: string = `
local ROW_LEEWAY = ${ROW_LEEWAY}

local function is_live(row) return row.endedAt == cjson.null and now < row.expiresAt end

local function live_sessions(issuer, sub)
  local live = {}
  for _, sid in ipairs(redis.call('SMEMBERS', sids_of(issuer, sub))) do
    local row = find_session(issuer, sid)
    if row and is_live(row) then live[#live + 1] = row end
  end
  return live
end

local function opened(row) return { session = row, epoch = epoch_of(row.issuer, row.sub), now = now } end

local function end_each(rows, retention)
  local ended = {}
  for _, row in ipairs(rows) do
    revoke({ kind = 'session', issuer = row.issuer, sid = row.sid, retention = retention })
    ended[#ended + 1] = row.sid
  end
  return ended
end

-- Ends what the limit leaves no room for: the oldest, by their logins.
local function make_room(session)
  if not session.limit then return {} end
  local live = live_sessions(session.issuer, session.sub)
  table.sort(live, function(one, other)
    if one.createdAt ~= other.createdAt then return one.createdAt < other.createdAt end
    return one.sid < other.sid
  end)
  local over = {}
  for index = 1, #live + 1 - session.limit.most do over[index] = live[index] end
  return end_each(over, session.limit.retention)
end

local function create_session(session)
  if find_session(session.issuer, session.sid) then return redis.error_reply('EXISTS a session of this sid exists already') end
  local closes_at = now + session.absoluteTtl * 1000
  local row = {
    issuer = session.issuer, sid = session.sid, sub = session.sub, generation = 0, createdAt = now, rotatedAt = now,
    expiresAt = math.min(now + session.idleTtl * 1000, closes_at), closesAt = closes_at, endedAt = cjson.null,
    device = session.device, address = session.address,
  }
  local ended = make_room(session)
  write_session(row)
  redis.call('SADD', sids_of(row.issuer, row.sub), row.sid)
  redis.call('SADD', issuers_of(row.sub), row.issuer)
  local answer = opened(row)
  answer.ended = ended
  return answer
end

local function judge_rotation(row, given)
  if not row or row.sub ~= given.identity.sub then return 'unknown' end
  if now >= row.expiresAt then return 'expired' end
  if given.generation == row.generation then return 'rotated' end
  if given.generation == row.generation - 1 and now - row.rotatedAt <= given.grace then return 'repeated' end
  return given.generation < row.generation and 'reused' or 'unknown'
end

local function rotate_session(given)
  local identity = given.identity
  if is_revoked(identity) then return { status = 'revoked' } end
  local row = find_session(identity.issuer, identity.sid)
  local status = judge_rotation(row, given)
  if status == 'reused' then
    revoke({ kind = 'session', issuer = identity.issuer, sid = identity.sid, retention = given.retention })
  end
  if status ~= 'rotated' and status ~= 'repeated' then return { status = status } end
  if status == 'rotated' then
    -- Never sooner than before: a lifetime that was shortened would let the row go while a token that it has to refuse still lives.
    row.expiresAt = math.min(math.max(now + given.idleTtl * 1000, row.expiresAt), row.closesAt)
    row.generation = row.generation + 1
    row.rotatedAt = now
    write_session(row)
  end
  local answer = opened(row)
  answer.status = status
  return answer
end

local function end_one(given)
  local row = find_session(given.issuer, given.sid)
  if not row or row.sub ~= given.sub or not is_live(row) then return false end
  end_each({ row }, given.retention)
  return true
end

local function end_sessions(given)
  local others = {}
  for _, row in ipairs(live_sessions(given.issuer, given.sub)) do
    if row.sid ~= given.except then others[#others + 1] = row end
  end
  if given.except then return end_each(others, given.retention) end
  revoke({ kind = 'subject', issuer = given.issuer, sub = given.sub, retention = given.retention })
  local ended = {}
  for index, row in ipairs(others) do ended[index] = row.sid end
  return ended
end

-- Removes rows that no token can meet any more, the oldest first.
local function purge_sessions(limit)
  if limit <= 0 then return 0 end
  mend_sessions()
  local over = redis.call('ZRANGEBYSCORE', SESSION_EXPIRY, '-inf', now - ROW_LEEWAY, 'LIMIT', 0, limit)
  for _, session in ipairs(over) do
    local row = cjson.decode(redis.call('HGET', SESSIONS, session))
    redis.call('HDEL', SESSIONS, session)
    redis.call('ZREM', SESSION_EXPIRY, session)
    local sids = sids_of(row.issuer, row.sub)
    redis.call('SREM', sids, row.sid)
    if redis.call('EXISTS', sids) == 0 and epoch_of(row.issuer, row.sub) == 0 then
      redis.call('SREM', issuers_of(row.sub), row.issuer)
    end
  end
  return #over
end
`
