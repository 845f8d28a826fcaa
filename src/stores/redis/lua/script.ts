import { createHash } from 'node:crypto'
import { ACCOUNTS } from './accounts.ts'
import { LOG } from './log.ts'
import { MENDING } from './mending.ts'
import { SESSIONS } from './sessions.ts'

const DISPATCH = `
-- The connection outlives a failover, and a replica would go on answering from a log that nobody writes to any more.
if redis.call('INFO', 'replication'):find('role:slave', 1, true) then
  return redis.error_reply('READONLY this server is a replica, which does not know yet what was just revoked')
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
