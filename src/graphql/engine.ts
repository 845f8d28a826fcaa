import type { AuthenticationParts } from '../core/authentication.ts'
import { Codec } from '../core/codec.ts'
import { Endings } from '../core/endings.ts'
import { TokenIssuer } from '../core/issuer.ts'
import type { Replica } from '../core/replica/replica.ts'
import { Reports } from '../core/reports.ts'
import { RevocationCheck } from '../core/revocation.ts'
import { Sessions } from '../core/sessions.ts'
import type { Settings } from '../core/settings.ts'
import type { SubjectSource } from '../core/subject.ts'
import { TokenWatch } from '../core/token-watch.ts'
import { Notices } from './notices.ts'

/** The parts of one instance. */
export interface Engine extends AuthenticationParts {
  readonly issuer: TokenIssuer
  readonly sessions: Sessions
  readonly endings: Endings
  readonly subjects: SubjectSource
  readonly reports: Reports
  readonly replica: Replica | undefined
  readonly tokenWatch: TokenWatch
  readonly notices: Notices
  /** Where this instance keeps its state on a GraphQL context. Nobody else can name it. */
  readonly contextKey: symbol
}

/**
 * Makes the parts of an instance from its settings.
 *
 * @param replica this process's copy of the revocations, where the store is across a network
 */
export function createEngine(settings: Settings, replica?: Replica): Engine {
  const codec = new Codec(settings)
  const issuer = new TokenIssuer(settings, codec)
  const revocation = new RevocationCheck(settings, replica)
  return {
    settings,
    codec,
    issuer,
    revocation,
    replica,
    tokenWatch: new TokenWatch({ settings, revocation, replica }),
    sessions: new Sessions(settings, issuer),
    endings: new Endings(settings, codec),
    subjects: { getter: settings.subject },
    reports: new Reports(settings),
    notices: new Notices(settings.logger),
    contextKey: Symbol('graphql-authx'),
  }
}
