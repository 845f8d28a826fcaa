/**
 * What the types of a context allow and what they refuse; compiled by `tsc`, never run. A `@ts-expect-error` that is not needed is an error itself.
 */
import type {
  AccessClaims,
  Authenticated,
  AuthX,
  AuthXContext,
  CheckedAuth,
  Claims,
  OptionallyAuthenticated,
  OptionallyRefreshing,
  RefreshClaims,
  Refreshing,
  RequestToken,
  TokenBlocklistCallback,
  UncheckedAuth,
  WithOptionalToken,
} from '../../src/index.ts'

type Equal<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false

/** Compiles only where the two are the same type. */
function same<One, Other>(_: Equal<One, Other>): void {}

/** A context with members of the server's own. */
interface MyContext extends AuthXContext {
  readonly database: { find(id: string): string }
}

export function withoutARule(context: MyContext): void {
  same<typeof context.auth, UncheckedAuth<AccessClaims>>(true)
  // @ts-expect-error nothing vouches for the claims
  void context.auth.claims
  // @ts-expect-error nor for the token
  void context.auth.token
  // @ts-expect-error nobody is there to log out
  void context.auth.logout()
  // @ts-expect-error nor to revoke
  void context.auth.revoke()
  // @ts-expect-error the refresh token is as unchecked
  void context.refreshAuth.claims
  // @ts-expect-error no @optionalToken stands here
  void context.requestToken()
}

export async function withACheckOfItsOwn(context: MyContext): Promise<string> {
  const auth = await context.auth.check()
  same<typeof auth, CheckedAuth<AccessClaims>>(true)
  const refresh = await context.refreshAuth.check()
  same<typeof refresh.claims, RefreshClaims>(true)
  return auth.claims.sub
}

export async function underAuth(context: Authenticated<MyContext>): Promise<string> {
  same<typeof context.auth.claims, AccessClaims>(true)
  same<(typeof context.auth.claims)['sub'], string>(true)
  same<(typeof context.auth.claims)['fresh'], boolean>(true)
  same<typeof context.auth.token, RequestToken>(true)
  same<Authenticated<AuthXContext>['auth'], CheckedAuth<AccessClaims>>(true)
  await context.auth.logout()
  await context.auth.revoke()
  // @ts-expect-error the generation is for refresh tokens; here it is a claim like any other
  const generation: number = context.auth.claims.gen
  // @ts-expect-error the rule is about the access token
  void context.refreshAuth.claims
  // @ts-expect-error claims are what was signed, and nobody changes that
  context.auth.claims.sub = 'somebody else'
  // @ts-expect-error a claim of the user's own is unknown until it is looked at
  const name: string = context.auth.claims.name
  return context.database.find(`${generation}${name}`)
}

export function underRefresh(context: Refreshing<MyContext>): number {
  same<typeof context.refreshAuth, CheckedAuth<RefreshClaims>>(true)
  // @ts-expect-error the rule is about the refresh token
  void context.auth.claims
  // @ts-expect-error a refresh token is never fresh
  const fresh: boolean = context.refreshAuth.claims.fresh
  return context.refreshAuth.claims.gen + Number(fresh) + context.database.find('x').length
}

export function underOptionalToken(context: WithOptionalToken<MyContext>): string {
  const token = context.requestToken()
  same<typeof token, RequestToken | null>(true)
  void context.requestToken('refresh')
  // @ts-expect-error there are two types of token
  void context.requestToken('bearer')
  // @ts-expect-error what was not verified has no claims
  void token?.claims
  // @ts-expect-error and may not be there
  void token.token
  // @ts-expect-error a token that is handed over is not one that was checked
  void context.auth.claims
  return token === null ? 'none' : `${token.token} ${token.location} ${token.type}`
}

export function underBoth(context: Authenticated<WithOptionalToken<MyContext>>): string {
  return `${context.requestToken()?.location} ${context.auth.claims.sub} ${context.database.find('x')}`
}

export function aCheckedAuthIsAnUncheckedOne(auth: CheckedAuth): UncheckedAuth {
  return auth
}

/** What `setSubjectGetter` loads, said once, on the context. */
interface UserContext extends AuthXContext<{ readonly name: string }> {}

export async function aSubject(
  under: Authenticated<UserContext>,
  refreshing: Refreshing<UserContext>,
  unsaid: Authenticated<MyContext>,
  unchecked: UserContext,
): Promise<string> {
  const user = await under.auth.subject()
  same<typeof user, { readonly name: string }>(true)
  const other = await refreshing.refreshAuth.subject()
  const checked = await (await unchecked.auth.check()).subject()
  // @ts-expect-error nothing vouches for the token, so nobody is loaded for it
  void unchecked.auth.subject()
  const unknown = await unsaid.auth.subject()
  same<typeof unknown, unknown>(true)
  return user.name + other.name + checked.name
}

export function anUncheckedAuthIsNotAChecked(auth: UncheckedAuth): CheckedAuth {
  // @ts-expect-error that is what check() is for
  return auth
}

export async function fromTheInstance(authx: AuthX): Promise<void> {
  const access = await authx.verify('token')
  same<typeof access, AccessClaims>(true)
  const refresh = await authx.verify('token', { type: 'refresh' })
  same<typeof refresh, RefreshClaims>(true)
  const callback = authx.setTokenBlocklistCallback((token, { claims, location }) => {
    same<typeof claims, Claims>(true)
    return token === '' || claims.jti === location
  })
  same<ReturnType<typeof callback>, boolean>(true)
  const asynchronous: TokenBlocklistCallback = async () => false
  authx.setTokenBlocklistCallback(asynchronous)
  const getter = authx.setSubjectGetter(async (sub, { claims }) =>
    sub === claims.sub ? { name: sub } : null,
  )
  same<Awaited<ReturnType<typeof getter>>, { name: string } | null>(true)
  const sessions = await authx.sessions.list('ada')
  same<(typeof sessions)[number]['device'], string | null>(true)
  // @ts-expect-error an answer is true or false
  authx.setTokenBlocklistCallback(() => 'no')
  // @ts-expect-error nothing is no answer
  authx.setTokenBlocklistCallback(async () => {})
}

// What codegen makes of `@auth(type: REFRESH)`: the directive's type around the field's own. It vouches for the refresh token only.
type Stacked = Authenticated<Refreshing<AuthXContext>>
export const refreshClaims = ({ refreshAuth }: Stacked): number => refreshAuth.claims.gen
// @ts-expect-error: the access token was not asked for
export const noAccessClaims = ({ auth }: Stacked): string => auth.claims.sub

// Likewise for `optional: true`: it does not make more of it than the field's own type does.
type StackedOptional = Authenticated<OptionallyAuthenticated<AuthXContext>>
type StackedOptionalRefresh = Authenticated<OptionallyRefreshing<AuthXContext>>
export const maybeSubject = ({ auth }: StackedOptional): string | undefined => auth.claims?.sub
export const maybeGeneration = ({ refreshAuth }: StackedOptionalRefresh): number | undefined =>
  refreshAuth.claims?.gen
// @ts-expect-error: whoever brings no token has no claims
export const noSubject = ({ auth }: StackedOptional): string => auth.claims.sub
// @ts-expect-error: nor here
export const noGeneration = ({ refreshAuth }: StackedOptionalRefresh): number => refreshAuth.claims.gen
// @ts-expect-error: and the access token was not asked for at all
export const noClaimsEither = ({ auth }: StackedOptionalRefresh): string => auth.claims.sub
