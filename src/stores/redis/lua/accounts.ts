/** Accounts, each as JSON that JavaScript wrote, but for what is compared. */
export const ACCOUNTS: string = `
local function find_account(id)
  local account = id and redis.call('HGET', ACCOUNTS, id)
  return account and cjson.decode(account) or nil
end

local function write_account(account)
  -- An empty list would be written as an empty object, so scopes are a text of their own.
  redis.call('HSET', ACCOUNTS, account.id, cjson.encode(account))
end

local function create_account(given)
  if redis.call('HEXISTS', USERNAMES, given.key) == 1 then return false end
  if find_account(given.account.id) then return redis.error_reply('EXISTS an account of this id exists already') end
  redis.call('HSET', USERNAMES, given.key, given.account.id)
  write_account(given.account)
  return true
end

local function change_account(id, change)
  local account = find_account(id)
  if not account then return false end
  for field, value in pairs(change) do account[field] = value end
  write_account(account)
  return true
end

local function replace_password(given)
  local account = find_account(given.id)
  if not account or account.disabled or account.passwordHash ~= given.current then return false end
  return change_account(given.id, { passwordHash = given.next })
end

local function delete_account(id)
  local account = find_account(id)
  if not account then return false end
  redis.call('HDEL', USERNAMES, account.key)
  redis.call('HDEL', ACCOUNTS, id)
  return true
end
`
