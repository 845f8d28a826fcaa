import type { AccountStore } from './account-store.ts'
import type { SessionStore } from './session-store.ts'

/** All that the server keeps, in one place: revocations, sessions and accounts. */
export interface Store extends SessionStore, AccountStore {}
