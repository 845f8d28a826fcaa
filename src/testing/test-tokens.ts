import type { AuthX } from '../authx.ts'
import type { TokenType } from '../core/claims.ts'
import type { TokenInput } from '../core/issuer.ts'
import { bearerHeader } from '../core/locations.ts'
import type { AuthXContext, WithOptionalToken } from '../graphql/context.ts'

/** What a token of a test says. */
export interface TestToken extends TokenInput {
  /** @default 'access' */
  readonly type?: TokenType
}

/**
 * A token for a user, as a login makes it but for the login.
 *
 * @throws TypeError where its claims are wrong
 * @example
 * const token = await tokenFor(authx, 'ada', { scopes: ['post:write'], fresh: true })
 */
export async function tokenFor(
  authx: AuthX,
  sub: string,
  { type = 'access', ...input }: Omit<TestToken, 'sub'> = {},
): Promise<string> {
  // The directive has it in capitals.
  if (type !== 'access' && type !== 'refresh') throw new TypeError("type: must be 'access' or 'refresh'")
  return type === 'access'
    ? authx.createAccessToken({ ...input, sub })
    : authx.createRefreshToken({ ...input, sub })
}

/**
 * A GraphQL context as an adapter makes it, for the request of somebody whose token says this, or who brings none. Wherever the instance looks for tokens, it is found.
 *
 * @param own what else is on the context of your app
 * @throws TypeError where the token's claims are wrong
 * @example
 * const contextValue = await contextWith(authx, { sub: 'ada', scopes: ['post:write'] }, { db })
 * const { data, errors } = await graphql({ schema, source: '{ me { name } }', contextValue })
 */
export async function contextWith<Own extends object = object>(
  authx: AuthX,
  token: TestToken | null,
  own: Own = {} as Own,
): Promise<Own & WithOptionalToken<AuthXContext>> {
  const context = { ...own }
  const text = token === null ? undefined : await tokenFor(authx, token.sub, token)
  const headerValues = () => (text === undefined ? [] : [`Bearer ${text}`])
  return Object.assign(context, authx.serving.open({ headerValues }, bearerHeader()).contextMembers(context))
}
