import type { AuthX } from '../authx.ts'
import type { Accounts } from './accounts.ts'
import type { Logins } from './logins.ts'
import type { SessionEvents } from './session-events.ts'

/** What the resolvers work with. */
export interface ResolverParts {
  readonly authx: AuthX
  readonly accounts: Accounts
  readonly logins: Logins
  readonly events: SessionEvents
  /** Whether tokens travel in cookies. */
  readonly cookies: boolean
}
