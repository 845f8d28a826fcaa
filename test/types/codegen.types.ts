/**
 * What the preset's types allow in a resolver and what they refuse, for every way a rule can come to a field; compiled by `tsc`, never run. A
 * `@ts-expect-error` that is not needed is an error itself.
 */
import type {
  AccessClaims,
  CheckedAuth,
  RefreshClaims,
  RequestToken,
  UncheckedAuth,
} from '../../src/index.ts'
import type { Resolvers as ProtectedResolvers } from './generated/protected.ts'
import type { Resolvers } from './generated/ruled.ts'

type Equal<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false

/** Compiles only where the two are the same type. */
function same<One, Other>(_: Equal<One, Other>): void {}

export const query: Resolvers['Query'] = {
  open: (_, __, context) => {
    same<typeof context.auth, UncheckedAuth<AccessClaims, { readonly name: string }>>(true)
    // @ts-expect-error no rule stands here
    void context.auth.claims
    // @ts-expect-error nor one about the refresh token
    void context.refreshAuth.claims
    // @ts-expect-error nor @optionalToken
    void context.requestToken()
    return context.database.count()
  },
  guarded: async (_, __, { auth, database }) => {
    same<typeof auth, CheckedAuth<AccessClaims, { readonly name: string }>>(true)
    return (await auth.subject()).name.length + database.count()
  },
  maybe: async (_, __, { auth }) => {
    same<typeof auth.claims, AccessClaims | null>(true)
    // @ts-expect-error whoever brings no token has no claims
    void auth.claims.sub
    // @ts-expect-error nor anything to log out of
    void auth.logout()
    if (auth.claims === null) return 0
    await auth.logout()
    return auth.claims.exp
  },
  fresh: (_, __, { auth }) => auth.claims.exp,
  peek: (_, __, context) => {
    const token = context.requestToken()
    same<typeof token, RequestToken | null>(true)
    // @ts-expect-error a token that is handed over is not one that was checked
    void context.auth.claims
    return context.database.count()
  },
  both: (_, __, context) => context.auth.claims.exp + (context.requestToken()?.token.length ?? 0),
  maybePeek: (_, __, context) => {
    // @ts-expect-error the two come together, and neither makes more of the other
    void context.auth.claims.exp
    return context.requestToken() === null ? 0 : (context.auth.claims?.exp ?? 0)
  },
  search: async (_, { secret }, { auth }) => {
    // @ts-expect-error whether the value's rule was asked depends on the caller
    void auth.claims
    return secret === undefined ? 0 : (await auth.check()).claims.exp
  },
  // What the field's own context type adds is there, and so is what the rule vouches for.
  own: (_, __, { cart, auth }) => cart.size + auth.claims.exp,
  ownUnguarded: (_, __, { cart, auth }) => {
    // @ts-expect-error a context type of its own is no rule
    void auth.claims
    return cart.size
  },
}

export const mutation: Resolvers['Mutation'] = {
  refresh: (_, __, { auth, refreshAuth }) => {
    same<typeof refreshAuth.claims, RefreshClaims>(true)
    // @ts-expect-error the rule is about the refresh token
    void auth.claims
    return refreshAuth.claims.gen
  },
  maybeRefresh: (_, __, { auth, refreshAuth }) => {
    same<typeof refreshAuth.claims, RefreshClaims | null>(true)
    // @ts-expect-error whoever brings no token has no claims
    void refreshAuth.claims.gen
    // @ts-expect-error the rule is about the refresh token
    void auth.claims
    return refreshAuth.claims?.gen ?? 0
  },
  login: (_, __, { auth }) => {
    // @ts-expect-error the rules of its siblings are theirs
    void auth.claims
    return 1
  },
}

async function* one(event: number): AsyncGenerator<{ events: number; open: number }> {
  yield { events: event, open: event }
}

export const subscription: Resolvers['Subscription'] = {
  events: { subscribe: (_, __, { auth }) => one(auth.claims.exp) },
  // @ts-expect-error no rule stands here
  open: { subscribe: (_, __, { auth }) => one(auth.claims.exp) },
}

export const byType: Pick<Resolvers, 'Annex' | 'Lobby' | 'Market' | 'Vault'> = {
  Vault: {
    gold: (_, __, { auth }) => auth.claims.exp,
    silver: (_, __, { auth }) => auth.claims.exp,
    peek: (_, __, context) => context.auth.claims.exp + (context.requestToken()?.token.length ?? 0),
  },
  Market: {
    // @ts-expect-error its sibling is guarded, and it is not
    price: (_, __, { auth }) => auth.claims.exp,
  },
  Annex: { gold: (_, __, { auth }) => auth.claims.exp },
  Lobby: {
    // @ts-expect-error the whole type is optional
    guest: (_, __, { auth }) => auth.claims.exp,
    member: (_, __, { auth }) => auth.claims.exp,
  },
}

export const byInterface: Pick<Resolvers, 'Document'> = {
  Document: {
    // A field that no interface knows is guarded too, by its type's interfaces.
    text: (_, __, { auth }) => auth.claims.exp,
    owner: (_, __, { auth }) => auth.claims.exp,
  },
}

export const byInterfaceField: Pick<Resolvers, 'Ware'> = {
  Ware: {
    price: (_, __, { auth }) => auth.claims.exp,
    // @ts-expect-error the interface guards its price alone
    name: (_, __, { auth }) => auth.claims.exp,
    // @ts-expect-error and this field is not even the interface's
    weight: (_, __, { auth }) => auth.claims.exp,
  },
}

/** With `addInterfaceFieldResolverTypes`: what holds whichever type inherits the resolver. */
export const ofInterfaces: { [Name in 'Kept' | 'Mixed' | 'Priced']: Partial<NonNullable<Resolvers[Name]>> } =
  {
    Kept: { owner: (_, __, { auth }) => auth.claims.exp },
    Priced: {
      price: (_, __, { auth }) => auth.claims.exp,
      // @ts-expect-error nothing guards it
      name: (_, __, { auth }) => auth.claims.exp,
    },
    Mixed: {
      // @ts-expect-error one of its types guards it, and one does not
      value: (_, __, { auth }) => auth.claims.exp,
    },
  }

/** With `defaultPolicy: 'protected'`, and without a `contextType`. */
export const byDefault: ProtectedResolvers = {
  Query: {
    silent: (_, __, { auth }) => auth.claims.exp,
    // @ts-expect-error anybody may have it
    open: (_, __, { auth }) => auth.claims.exp,
    // @ts-expect-error its own rule holds, not the default
    maybe: (_, __, { auth }) => auth.claims.exp,
    // @ts-expect-error @optionalToken asks for no valid token
    peek: (_, __, { auth }) => auth.claims.exp,
  },
  Mutation: {
    refresh: (_, __, { auth, refreshAuth }) => {
      // @ts-expect-error its own rule is about the refresh token
      void auth.claims
      return refreshAuth.claims.gen
    },
  },
  Order: { total: (_, __, { auth }) => auth.claims.exp },
  Notice: {
    // @ts-expect-error its type is public
    text: (_, __, { auth }) => auth.claims.exp,
  },
}
