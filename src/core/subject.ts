import type { Claims } from './claims.ts'

/** What the subject getter gets beside the `sub`; all of it verified. */
export interface SubjectDetails {
  readonly claims: Claims
  /** The GraphQL context. */
  readonly context: unknown
}

/**
 * Loads whom a token is for. It is asked once per request, and only when a resolver calls `context.auth.subject()`. Null and undefined mean that the subject
 * is gone: the request is refused with `SUBJECT_UNKNOWN`.
 */
export type SubjectGetter<Subject = unknown> = (
  sub: string,
  details: SubjectDetails,
) => Subject | null | undefined | PromiseLike<Subject | null | undefined>

/** Where an instance keeps its getter; it can be replaced. */
export interface SubjectSource {
  getter: SubjectGetter | undefined
}
