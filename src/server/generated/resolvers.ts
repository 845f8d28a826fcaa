// Generated from schema/ by `npm run codegen`. Do not edit.
import type { GraphQLResolveInfo } from 'graphql';
import type { Account } from '../../core/account-store.ts';
import type { ServerContext, RefreshContext } from '../context.ts';
import type { Authenticated, WithOptionalToken } from '../../graphql/context.ts';
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
   * Starts a session and makes its first pair of tokens. A wrong password, an unknown user and a disabled account are the same answer; after too many
   * of those it is RATE_LIMITED for a while.
   */
  login: TokenPair;
  /** Ends the session of the token: both tokens of the pair, and all that were refreshed from them, are refused from now on. */
  logout: Scalars['Boolean']['output'];
  /**
   * Spends a refresh token for the next pair. Within ten seconds the same token gets the same successor again; a token that was spent before
   * is taken for theft, and the session ends (TOKEN_REUSED).
   */
  refresh: TokenPair;
  /** Ends the session that a token belongs to, expired or not. Any text is answered with true (RFC 7009). */
  revoke: Scalars['Boolean']['output'];
};


export type MutationLoginArgs = {
  password: Scalars['String']['input'];
  username: Scalars['String']['input'];
};


export type MutationRevokeArgs = {
  token: Scalars['String']['input'];
};

export type Query = {
  /** The user that the access token was made for. */
  me: User;
  /** Tells a caller with a valid access token so. */
  profile: Scalars['String']['output'];
  /** Shows the token of the request, which has to be valid. */
  tokenMandatory: Scalars['String']['output'];
  /** Shows the token of the request, unverified, and where it was found. */
  tokenOptional: Scalars['String']['output'];
};

/** What a login or a refresh answers with. */
export type TokenPair = {
  /** Opens fields with @auth(type: ACCESS). Send it as the header Authorization: Bearer <accessToken>. */
  accessToken: Scalars['String']['output'];
  /** The double-submit value for tokens in cookies. Null while tokens travel in headers. */
  csrfToken?: Maybe<Scalars['String']['output']>;
  /** Seconds until the access token expires. */
  expiresIn: Scalars['Int']['output'];
  /** Buys the next pair, once. Send it the same way, to the mutation refresh only. */
  refreshToken: Scalars['String']['output'];
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
  String: ResolverTypeWrapper<Scalars['String']['output']>;
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
  String: Scalars['String']['output'];
  TokenPair: TokenPair;
  User: Account;
};

export type AuthDirectiveArgs = {
  fresh?: Scalars['Boolean']['input'];
  scopes?: Maybe<Array<Array<Scalars['String']['input']>>>;
  type?: TokenType;
};

export type AuthDirectiveResolver<Result, Parent, ContextType = ServerContext, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type OptionalTokenDirectiveArgs = {
  type?: TokenType;
};

export type OptionalTokenDirectiveResolver<Result, Parent, ContextType = ServerContext, Args = OptionalTokenDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type MutationResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  login?: Resolver<ResolversTypes['TokenPair'], ParentType, ContextType, RequireFields<MutationLoginArgs, 'password' | 'username'>>;
  logout?: Resolver<ResolversTypes['Boolean'], ParentType, Authenticated<ContextType>>;
  refresh?: Resolver<ResolversTypes['TokenPair'], ParentType, Authenticated<RefreshContext>>;
  revoke?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType, RequireFields<MutationRevokeArgs, 'token'>>;
};

export type QueryResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  me?: Resolver<ResolversTypes['User'], ParentType, Authenticated<ContextType>>;
  profile?: Resolver<ResolversTypes['String'], ParentType, Authenticated<ContextType>>;
  tokenMandatory?: Resolver<ResolversTypes['String'], ParentType, Authenticated<ContextType>>;
  tokenOptional?: Resolver<ResolversTypes['String'], ParentType, WithOptionalToken<ContextType>>;
};

export type TokenPairResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['TokenPair'] = ResolversParentTypes['TokenPair']> = {
  accessToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  csrfToken?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  expiresIn?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  refreshToken?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  tokenType?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type UserResolvers<ContextType = ServerContext, ParentType extends ResolversParentTypes['User'] = ResolversParentTypes['User']> = {
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  username?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = ServerContext> = {
  Mutation?: MutationResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  TokenPair?: TokenPairResolvers<ContextType>;
  User?: UserResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = ServerContext> = {
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  optionalToken?: OptionalTokenDirectiveResolver<any, any, ContextType>;
};
