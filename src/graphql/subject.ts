import { ConfigurationError } from '../core/configuration-error.ts'
import { loggable } from '../core/logger.ts'
import type { SubjectDetails } from '../core/subject.ts'
import { AuthError } from './auth-error.ts'
import type { Engine } from './engine.ts'

/**
 * Asks the subject getter whom a token is for.
 *
 * @throws AuthError `SUBJECT_UNKNOWN` where it knows nobody
 * @throws ConfigurationError where there is no getter
 */
export async function loadSubject(
  { subjects: { getter }, settings: { logger } }: Engine,
  details: SubjectDetails,
): Promise<unknown> {
  if (getter === undefined) {
    throw new ConfigurationError(
      'context.auth.subject() was called and nothing loads subjects; set authx.setSubjectGetter((sub) => …) or the option `subject`',
    )
  }
  let subject: unknown
  try {
    subject = await getter(details.claims.sub, details)
  } catch (error) {
    // A getter may refuse in our voice; everything else it throws is for the log.
    if (error instanceof AuthError) throw error
    logger.error({ err: loggable(error) }, 'the subject getter failed')
    throw new Error('Unexpected error.')
  }
  if (subject === null || subject === undefined) throw new AuthError('SUBJECT_UNKNOWN')
  return subject
}
