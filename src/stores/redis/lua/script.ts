import { createHash } from 'node:crypto'
import { ACCOUNTS } from './accounts.ts'
import { LOG } from './log.ts'
import { MENDING } from './mending.ts'
import { SESSIONS } from './sessions.ts'

/** Seconds since a replica was heard of, as in `min-replicas-max-lag`; less than any failover waits (Sentinel's `down-after-milliseconds`, 30 s). */
const MOST_LAG = 10

const DISPATCH = `
local REPLICAS, MOST_LAG = tonumber(ARGV[5]), ${MOST_LAG}
-- The connection outlives a failover, and a replica would go on answering from a log that nobody writes to any more.
local replication = redis.call('INFO', 'replication')
if replication:find('role:slave', 1, true) then
  return redis.error_reply('READONLY this server is a replica, which does not know yet what was just revoked')
end
-- One that was cut off from its replicas may have been replaced by one of them, which then knows what is revoked. Writes are waited for as it is.
if operation == 'readSince' or operation == 'isRevoked' or operation == 'ping' then
  local heard = 0
  for line in replication:gmatch('slave%d+:[^%c]*state=online[^%c]*') do
    if tonumber(line:match('lag=(%d+)') or MOST_LAG + 1) <= MOST_LAG then heard = heard + 1 end
  end
  if heard < REPLICAS then
    return redis.error_reply('NOREPLICAS heard of ' .. heard .. ' replicas in the last ' .. MOST_LAG .. ' s, and ' .. REPLICAS .. ' have to have every write')
  end
end
if not is_whole() and not mend_log() then return 'mending' end
local answers = {
  ping = function() return true end,
  revoke = function() revoke(given) return true end,
  isRevoked = function() return is_revoked(given) end,
  readEpoch = function() return { epoch = epoch_of(given.issuer, given.sub), now = now } end,
  readSince = function() return read_since(given.position, given.limit) end,
  purge = function()
    local entries = purge_log(given.limit)
    return entries + purge_sessions(given.limit - entries)
  end,
  createSession = function() return create_session(given) end,
  rotateSession = function() return rotate_session(given) end,
  listSessions = function() return live_sessions(given.issuer, given.sub) end,
  listIssuers = function() return redis.call('SMEMBERS', issuers_of(given.sub)) end,
  endSession = function() return end_one(given) end,
  endSessions = function() return end_sessions(given) end,
  findByUsername = function() return find_account(redis.call('HGET', USERNAMES, given.key)) or cjson.null end,
  findById = function() return find_account(given.id) or cjson.null end,
  createAccount = function() return create_account(given) end,
  changeAccount = function() return change_account(given.id, given.change) end,
  replacePassword = function() return replace_password(given) end,
  deleteAccount = function() return delete_account(given.id) end,
}
local answer = answers[operation]()
if type(answer) == 'table' and answer.err then return answer end
return cjson.encode(answer)
`

/** All that the store does, as one script: what an operation reads stays true until it has written. */
export const SCRIPT: string = LOG + MENDING + SESSIONS + ACCOUNTS + DISPATCH

/** What Redis remembers it by. */
export const SCRIPT_SHA: string = createHash('sha1').update(SCRIPT).digest('hex')

/** The keys that it names beforehand, after the prefix; in this order. */
export const KEY_NAMES = [
  'log',
  'head',
  'entries',
  'expiry',
  'epochs',
  'sessions',
  'session-expiry',
  'accounts',
  'usernames',
  'mending',
] as const
