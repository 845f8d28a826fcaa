// Generated from test/types/ruled.graphql by `npm run codegen`. Do not edit.
import type { GraphQLResolveInfo } from 'graphql';
import type { RuledContext, OwnContext } from '../ruled-context.ts';
import type { Authenticated, OptionallyAuthenticated, OptionallyRefreshing, Refreshing, WithOptionalToken } from '../../../src/index.ts';
export type Maybe<T> = T | null;
export type InputMaybe<T> = Maybe<T>;
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
};

/** Guarded from outside. */
export type Annex = {
  gold: Scalars['Int']['output'];
};

export type Document = Kept & Owned & {
  owner: Scalars['Int']['output'];
  text: Scalars['Int']['output'];
};

export type Kept = {
  owner: Scalars['Int']['output'];
};

/** Optional as a whole, and one field is not. */
export type Lobby = {
  guest: Scalars['Int']['output'];
  member: Scalars['Int']['output'];
};

export type Loose = Mixed & {
  value: Scalars['Int']['output'];
};

/** Its sibling, which nothing guards. */
export type Market = {
  price: Scalars['Int']['output'];
};

/** Its implementations do not agree, so a resolver of its own cannot rely on anything. */
export type Mixed = {
  value: Scalars['Int']['output'];
};

export type Mutation = {
  login: Scalars['Int']['output'];
  maybeRefresh: Scalars['Int']['output'];
  refresh: Scalars['Int']['output'];
};

/** Guards whatever implements it, through another interface too. */
export type Owned = {
  owner: Scalars['Int']['output'];
};

/** Guards one field of whatever implements it. */
export type Priced = {
  name: Scalars['Int']['output'];
  price: Scalars['Int']['output'];
};

export type Query = {
  both: Scalars['Int']['output'];
  /** Scopes and freshness ask for more, and vouch for the same. */
  fresh: Scalars['Int']['output'];
  guarded: Scalars['Int']['output'];
  maybe: Scalars['Int']['output'];
  maybePeek: Scalars['Int']['output'];
  /** Nobody is asked for anything. */
  open: Scalars['Int']['output'];
  /** Has a context type of its own, and a rule. */
  own: Scalars['Int']['output'];
  ownUnguarded: Scalars['Int']['output'];
  peek: Scalars['Int']['output'];
  /** A rule on a value holds for whoever supplies it. */
  search: Scalars['Int']['output'];
};


export type QuerySearchArgs = {
  secret?: InputMaybe<Scalars['String']['input']>;
};

export type Strict = Mixed & {
  value: Scalars['Int']['output'];
};

export type Subscription = {
  events: Scalars['Int']['output'];
  open: Scalars['Int']['output'];
};

/** Which kind of token a rule asks for. */
export type TokenType =
  /** Made by a login or a refresh; lives for minutes and opens fields. */
  | 'ACCESS'
  /** Made beside it; lives for days and only buys the next pair. */
  | 'REFRESH';

/** Guarded by its type. */
export type Vault = {
  gold: Scalars['Int']['output'];
  peek: Scalars['Int']['output'];
  /** Required beats optional. */
  silver: Scalars['Int']['output'];
};

export type Ware = Priced & {
  name: Scalars['Int']['output'];
  price: Scalars['Int']['output'];
  weight: Scalars['Int']['output'];
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




/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Kept: ( Document );
  Mixed:
    | ( Loose )
    | ( Strict )
  ;
  Owned: ( Document );
  Priced: ( Ware );
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Annex: ResolverTypeWrapper<Annex>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  Document: ResolverTypeWrapper<Document>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Kept: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Kept']>;
  Lobby: ResolverTypeWrapper<Lobby>;
  Loose: ResolverTypeWrapper<Loose>;
  Market: ResolverTypeWrapper<Market>;
  Mixed: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Mixed']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Owned: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Owned']>;
  Priced: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Priced']>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Strict: ResolverTypeWrapper<Strict>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  TokenType: TokenType;
  Vault: ResolverTypeWrapper<Vault>;
  Ware: ResolverTypeWrapper<Ware>;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Annex: Annex;
  Boolean: Scalars['Boolean']['output'];
  Document: Document;
  Int: Scalars['Int']['output'];
  Kept: ResolversInterfaceTypes<ResolversParentTypes>['Kept'];
  Lobby: Lobby;
  Loose: Loose;
  Market: Market;
  Mixed: ResolversInterfaceTypes<ResolversParentTypes>['Mixed'];
  Mutation: Record<PropertyKey, never>;
  Owned: ResolversInterfaceTypes<ResolversParentTypes>['Owned'];
  Priced: ResolversInterfaceTypes<ResolversParentTypes>['Priced'];
  Query: Record<PropertyKey, never>;
  Strict: Strict;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  Vault: Vault;
  Ware: Ware;
};

export type AuthDirectiveArgs = {
  fresh?: Scalars['Boolean']['input'];
  optional?: Scalars['Boolean']['input'];
  scopes?: Maybe<Array<Array<Scalars['String']['input']>>>;
  type?: TokenType;
};

export type AuthDirectiveResolver<Result, Parent, ContextType = RuledContext, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type OptionalTokenDirectiveArgs = {
  type?: TokenType;
};

export type OptionalTokenDirectiveResolver<Result, Parent, ContextType = RuledContext, Args = OptionalTokenDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = RuledContext, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type AnnexResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Annex'] = ResolversParentTypes['Annex']> = {
  gold?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
};

export type DocumentResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Document'] = ResolversParentTypes['Document']> = {
  owner?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
  text?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type KeptResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Kept'] = ResolversParentTypes['Kept']> = {
  __resolveType: TypeResolveFn<'Document', ParentType, ContextType>;
  owner?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
};

export type LobbyResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Lobby'] = ResolversParentTypes['Lobby']> = {
  guest?: Resolver<ResolversTypes['Int'], ParentType, OptionallyAuthenticated<ContextType>>;
  member?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
};

export type LooseResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Loose'] = ResolversParentTypes['Loose']> = {
  value?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type MarketResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Market'] = ResolversParentTypes['Market']> = {
  price?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MixedResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Mixed'] = ResolversParentTypes['Mixed']> = {
  __resolveType: TypeResolveFn<'Loose' | 'Strict', ParentType, ContextType>;
  value?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type MutationResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  login?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  maybeRefresh?: Resolver<ResolversTypes['Int'], ParentType, OptionallyRefreshing<ContextType>>;
  refresh?: Resolver<ResolversTypes['Int'], ParentType, Refreshing<ContextType>>;
};

export type OwnedResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Owned'] = ResolversParentTypes['Owned']> = {
  __resolveType: TypeResolveFn<'Document', ParentType, ContextType>;
  owner?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
};

export type PricedResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Priced'] = ResolversParentTypes['Priced']> = {
  __resolveType: TypeResolveFn<'Ware', ParentType, ContextType>;
  name?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  price?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
};

export type QueryResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  both?: Resolver<ResolversTypes['Int'], ParentType, WithOptionalToken<Authenticated<ContextType>>>;
  fresh?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
  guarded?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
  maybe?: Resolver<ResolversTypes['Int'], ParentType, OptionallyAuthenticated<ContextType>>;
  maybePeek?: Resolver<ResolversTypes['Int'], ParentType, WithOptionalToken<OptionallyAuthenticated<ContextType>>>;
  open?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  own?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<OwnContext>>;
  ownUnguarded?: Resolver<ResolversTypes['Int'], ParentType, OwnContext>;
  peek?: Resolver<ResolversTypes['Int'], ParentType, WithOptionalToken<ContextType>>;
  search?: Resolver<ResolversTypes['Int'], ParentType, ContextType, Partial<QuerySearchArgs>>;
};

export type StrictResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Strict'] = ResolversParentTypes['Strict']> = {
  value?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  events?: SubscriptionResolver<ResolversTypes['Int'], "events", ParentType, Authenticated<ContextType>>;
  open?: SubscriptionResolver<ResolversTypes['Int'], "open", ParentType, ContextType>;
};

export type VaultResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Vault'] = ResolversParentTypes['Vault']> = {
  gold?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
  peek?: Resolver<ResolversTypes['Int'], ParentType, WithOptionalToken<Authenticated<ContextType>>>;
  silver?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
};

export type WareResolvers<ContextType = RuledContext, ParentType extends ResolversParentTypes['Ware'] = ResolversParentTypes['Ware']> = {
  name?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  price?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
  weight?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type Resolvers<ContextType = RuledContext> = {
  Annex?: AnnexResolvers<ContextType>;
  Document?: DocumentResolvers<ContextType>;
  Kept?: KeptResolvers<ContextType>;
  Lobby?: LobbyResolvers<ContextType>;
  Loose?: LooseResolvers<ContextType>;
  Market?: MarketResolvers<ContextType>;
  Mixed?: MixedResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  Owned?: OwnedResolvers<ContextType>;
  Priced?: PricedResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Strict?: StrictResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  Vault?: VaultResolvers<ContextType>;
  Ware?: WareResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = RuledContext> = {
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  optionalToken?: OptionalTokenDirectiveResolver<any, any, ContextType>;
  public?: PublicDirectiveResolver<any, any, ContextType>;
};
