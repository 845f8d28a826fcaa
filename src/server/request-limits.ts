import { type DocumentNode, type ExecutionResult, GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import type { Carrier } from '../core/carrier.ts'
import { refuseForm, refuseUnasked } from '../core/foreign-requests.ts'
import { headerValues } from '../graphql/request-headers.ts'
import { withoutSuggestion } from '../graphql/suggestions.ts'
import { inPasses, refuseLongNames, type Validate } from './document-limits.ts'
import { brief, withoutLiteral, withoutVariable } from './error-messages.ts'
import type { ServerSettings } from './settings.ts'

/**
 * Keeps requests within the limits that the settings name, and what clients sent out of the messages that they get.
 *
 * @param once mutations, beside those of the server, that can be asked for only once in an operation
 */
export function useRequestLimits(
  settings: Pick<ServerSettings, 'requests' | 'introspection' | 'corsOrigins'>,
  once: readonly string[] = [],
): Plugin {
  const { requests: limits, introspection } = settings
  const passes = inPasses(limits, { introspection: introspection !== false, once })
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      const headers = headersOf(request)
      const away = refuseForm(headers) ?? refuseUnasked(headers, settings.corsOrigins)
      if (away !== undefined) throw httpError(away)
      if (requestParser === undefined) return
      setRequestParser(async (readable) => {
        try {
          return await requestParser(readable)
        } catch (error) {
          throw withoutContent(error)
        }
      })
    },
    onParse({ params: { source }, parseFn, setParseFn, context }) {
      setParseFn((text: typeof source, options: object) => {
        const document = parseFn(text, { ...options, maxTokens: limits.tokens })
        refuseLongNames(document as DocumentNode)
        return document
      })
      return ({ result, replaceParseResult }) => {
        if (result instanceof GraphQLError) replaceParseResult(withoutLiteral(result))
        else refuseSubscriptionByGet(context, result)
      }
    },
    onValidate({ validateFn, setValidationFn }) {
      setValidationFn(passes(validateFn as Validate) as typeof validateFn)
      return ({ valid, result, setResult }) => {
        if (valid) return
        const errors = result as readonly GraphQLError[]
        setResult(errors.map((error) => brief(withoutLiteral(discreet(error, introspection)))))
      }
    },
    onExecutionResult({ result, setResult }) {
      if (result === undefined || Array.isArray(result) || Symbol.asyncIterator in result) return
      setResult(withDiscreetErrors(result as ExecutionResult, settings))
    },
  }
}

/** An answer without what its client sent in the messages of its errors. */
export function withDiscreetErrors(
  result: ExecutionResult,
  { introspection }: Pick<ServerSettings, 'introspection'>,
): ExecutionResult {
  if (result.errors === undefined) return result
  const shown = result.errors.map((error) => withoutVariable(discreet(error, introspection)))
  // What happened in a field has a message of ours, and keeps its path.
  return { ...result, errors: shown.map((error) => (error.path === undefined ? brief(error) : error)) }
}

function discreet(error: GraphQLError, introspection: ServerSettings['introspection']): GraphQLError {
  return introspection === 'described' ? error : withoutSuggestion(error)
}

function headersOf(request: Request): Carrier {
  return { method: request.method, headerValues: (name) => headerValues(request, name) }
}

/** Whatever JSON.parse says, it quotes what it could not read; Yoga passes that on. */
function withoutContent(error: unknown): unknown {
  const isUnreadable =
    error instanceof SyntaxError ||
    (error instanceof GraphQLError && error.extensions.originalError !== undefined)
  return isUnreadable ? httpError({ status: 400, message: 'The JSON cannot be read.' }) : error
}

/** What an operation is parsed for, as far as it is known by then. */
interface ParsedFor {
  readonly request?: Request
  readonly params?: { readonly operationName?: string | null }
}

function refuseSubscriptionByGet(context: unknown, document: unknown): void {
  const { request, params } = context as ParsedFor
  if (request?.method !== 'GET' || request.headers.get('accept')?.includes('text/event-stream')) return
  const { definitions } = document as {
    definitions: readonly { operation?: string; name?: { value: string } }[]
  }
  const isSubscription = definitions.some(
    ({ operation, name }) =>
      operation === 'subscription' && (params?.operationName == null || name?.value === params.operationName),
  )
  if (isSubscription) {
    throw httpError({
      status: 405,
      message: 'A subscription by GET needs the header Accept: text/event-stream.',
      headers: { Allow: 'POST' },
    })
  }
}

interface HttpProblem {
  readonly status: number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

function httpError({ status, message, headers = {} }: HttpProblem): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST', http: { status, headers } } })
}
