// Generated from schema/ by `npm run codegen`. Do not edit.
import type { GraphQLResolveInfo } from 'graphql';
import type { Account } from '../../core/account-store.ts';
import type { ServerContext } from '../context.ts';
import type { Authenticated, Refreshing, WithOptionalToken } from '../../graphql/context.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
};

export type Mutation = {
  /**
   * Sets a new password, ends every session of the caller, and starts a new one in this one's place. It needs a token from a login, not
   * one from a refresh, and the current password. Where another change was quicker, or the account is disabled meanwhile, it is CREDENTIALS_WRONG, nothing is
   * changed, and the caller is logged out: all sessions end before the password is written.
   */
  changePassword: TokenPair;
  /**
   * Starts a session and makes its first pair of tokens. A wrong password, an unknown user and a disabled account are the same answer; after too many
   * of those it is RATE_LIMITED for a while.
   */
  login: TokenPair;
  /** Ends the session of the token: both tokens of the pair, and all that were refreshed from them, are refused from now on. */
  logout: Scalars['Boolean']['output'];
  /** Ends every session of the caller, this one too, and every other token that the caller holds. Says how many sessions there were. */
  logoutEverywhere: Scalars['Int']['output'];
  /**
   * Spends a refresh token for the next pair. Within ten seconds the same token gets the same successor again; a token that was spent before
   * is taken for theft, and the session ends (TOKEN_REUSED).
   */
  refresh: TokenPair;
  /** Ends the session that a token belongs to, expired or not. Any text is answered with true (RFC 7009). */
  revoke: Scalars['Boolean']['output'];
  /** Ends one session of the caller. False where the caller has no such session. */
  revokeSession: Scalars['Boolean']['output'];
};


export type MutationChangePasswordArgs = {
  current: Scalars['String']['input'];
  next: Scalars['String']['input'];
};


export type MutationLoginArgs = {
  password: Scalars['String']['input'];
  username: Scalars['String']['input'];
};


export type MutationRevokeArgs = {
  token: Scalars['String']['input'];
};


export type MutationRevokeSessionArgs = {
  id: Scalars['ID']['input'];
};

export type Query = {
  /** The user that the access token was made for. */
  me: User;
  /** Tells a caller with a valid access token so. */
  profile: Scalars['String']['output'];
  /** The caller's sessions, the one that was used last first. */
  sessions: Array<Session>;
  /** Shows the token of the request, which has to be valid. */
  tokenMandatory: Scalars['String']['output'];
  /** Shows the token of the request, unverified, and where it was found. */
  tokenOptional: Scalars['String']['output'];
};

/** A login that can still be refreshed. Times are ISO 8601 in UTC. */
export type Session = {
  /** The address that the login came from. */
  address?: Maybe<Scalars['String']['output']>;
  /** When the login was. */
  createdAt: Scalars['String']['output'];
  /** Whether the token of this request belongs to it. */
  current: Scalars['Boolean']['output'];
  /** What the login was made with, as it called itself (User-Agent). Null where it did not. */
  device?: Maybe<Scalars['String']['output']>;
  /** When it ends unless it is refreshed. */
  expiresAt: Scalars['String']['output'];
  /** What revokeSession takes; the sid claim of the session's tokens. */
  id: Scalars['ID']['output'];
  /** When it was last refreshed. */
  lastUsedAt: Scalars['String']['output'];
};

/** Something that happened to a session of the caller. */
export type SessionEvent = {
  /** When, as ISO 8601 in UTC. */
  at: Scalars['String']['output'];
  /** What happened. */
  kind: SessionEventKind;
  /** The id of the session. */
  session: Scalars['ID']['output'];
};

/** What can happen to a session. */
export type SessionEventKind =
  /** It was logged out, revoked, or made room for a newer one. */
  | 'ENDED'
  /** A refresh token bought the next pair. */
  | 'REFRESHED'
  /** A refresh token that had been spent came back, which is taken for theft; ENDED follows. */
  | 'REUSED'
  /** Somebody logged in. */
  | 'STARTED';

export type Subscription = {
  /** What happens to the caller's sessions from now on. */
  sessionEvents: SessionEvent;
};

/** What a login or a refresh answers with. */
export type TokenPair = {
  /**
   * Opens fields with @auth(type: ACCESS). Send it as the header Authorization: Bearer <accessToken>. Null where it travels in a cookie only, which no script
   * can read.
   */
  accessToken?: Maybe<Scalars['String']['output']>;
  /** Where tokens travel in cookies: what a page sends back as the header X-CSRF-TOKEN, with every request but a query by GET. Else null. */
  csrfToken?: Maybe<Scalars['String']['output']>;
  /** Seconds until the access token expires. */
  expiresIn: Scalars['Int']['output'];
  /** Buys the next pair, once. Send it the same way, to the mutation refresh only. Null where it travels in a cookie only. */
  refreshToken?: Maybe<Scalars['String']['output']>;
  /** How the access token is sent: Bearer. */
  tokenType: Scalars['String']['output'];
};

/** Which kind of token a rule asks for. */
export type TokenType =
  /** Made by a login or a refresh; lives for minutes and opens fields. */
  | 'ACCESS'
  /** Made beside it; lives for days and only buys the next pair. */
  | 'REFRESH';

/** Somebody who can log in. */
export type User = {
  /** What tokens call the user: their sub claim. */
  id: Scalars['ID']['output'];
  username: Scalars['String']['output'];
};



export type ResolverTypeWrapper<T> = Promise<T> | T;


export type ResolverWithResolve<TResult, TParent, TContext, TArgs> = {
  resolve: ResolverFn<TResult, TParent, TContext, TArgs>;
};
export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs> | ResolverWithResolve<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;





/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Session: ResolverTypeWrapper<Session>;
  SessionEvent: ResolverTypeWrapper<SessionEvent>;
  SessionEventKind: SessionEventKind;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  TokenPair: ResolverTypeWrapper<TokenPair>;
  TokenType: TokenType;
  User: ResolverTypeWrapper<Account>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Boolean: Scalars['Boolean']['output'];
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  Mutation: Record<PropertyKey, never>;
  Query: Record<PropertyKey, never>;
  Session: Session;
  SessionEvent: SessionEvent;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  TokenPair: TokenPair;
  User: Account;
};

export type AuthDirectiveArgs = {
  fresh?: Scalars['Boolean']['input'];
  optional?: Scalars['Boolean']['input'];
  scopes?: Maybe<Array<Array<Scalars['String']['input']>>>;
  type?: TokenType;
};

export type AuthDirectiveResolver<Result, Parent, ContextType = ServerContext, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type OptionalTokenDirectiveArgs = {
  type?: TokenType;
};

export type OptionalTokenDirectiveResolver<Result, Parent, ContextType = ServerContext, Args = OptionalTokenDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = ServerContext, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type MutationResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  changePassword?: Resolver<ResolversTypes['TokenPair'], ParentType, Authenticated<ContextType>, RequireFields<MutationChangePasswordArgs, 'current' | 'next'>>;
  login?: Resolver<ResolversTypes['TokenPair'], ParentType, ContextType, RequireFields<MutationLoginArgs, 'password' | 'username'>>;
  logout?: Resolver<ResolversTypes['Boolean'], ParentType, Authenticated<ContextType>>;
  logoutEverywhere?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
  refresh?: Resolver<ResolversTypes['TokenPair'], ParentType, Refreshing<ContextType>>;
  revoke?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRevokeArgs, 'token'>>;
  revokeSession?: Resolver<ResolversTypes['Boolean'], ParentType, Authenticated<ContextType>, RequireFields<MutationRevokeSessionArgs, 'id'>>;
};

export type QueryResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  me?: Resolver<ResolversTypes['User'], ParentType, Authenticated<ContextType>>;
  profile?: Resolver<ResolversTypes['String'], ParentType, Authenticated<ContextType>>;
  sessions?: Resolver<Array<ResolversTypes['Session']>, ParentType, Authenticated<ContextType>>;
  tokenMandatory?: Resolver<ResolversTypes['String'], ParentType, Authenticated<ContextType>>;
  tokenOptional?: Resolver<ResolversTypes['String'], ParentType, WithOptionalToken<ContextType>>;
};

export type SessionResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['Session'] = ResolversParentTypes['Session']> = {
  address?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  createdAt?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  current?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  device?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  expiresAt?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastUsedAt?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SessionEventResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['SessionEvent'] = ResolversParentTypes['SessionEvent']> = {
  at?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['SessionEventKind'], ParentType, ContextType>;
  session?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  sessionEvents?: SubscriptionResolver<ResolversTypes['SessionEvent'], "sessionEvents", ParentType, Authenticated<ContextType>>;
};

export type TokenPairResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['TokenPair'] = ResolversParentTypes['TokenPair']> = {
  accessToken?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  csrfToken?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  expiresIn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  refreshToken?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  tokenType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  username?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = ServerContext> = {
  Mutation?: MutationResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Session?: SessionResolvers<ContextType>;
  SessionEvent?: SessionEventResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  TokenPair?: TokenPairResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = ServerContext> = {
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  optionalToken?: OptionalTokenDirectiveResolver<any, any, ContextType>;
  public?: PublicDirectiveResolver<any, any, ContextType>;
};
