// Generated from test/types/protected.graphql by `npm run codegen`. Do not edit.
import type { GraphQLResolveInfo } from 'graphql';
import type { AuthXContext, Authenticated, OptionallyAuthenticated, Refreshing, WithOptionalToken } from '../../../src/index.ts';
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

export type Mutation = {
  refresh: Scalars['Int']['output'];
};

export type Notice = {
  text: Scalars['Int']['output'];
};

export type Order = {
  total: Scalars['Int']['output'];
};

export type Query = {
  maybe: Scalars['Int']['output'];
  open: Scalars['Int']['output'];
  peek: Scalars['Int']['output'];
  /** Guarded by default. */
  silent: Scalars['Int']['output'];
};

/** Which kind of token a rule asks for. */
export type TokenType =
  /** Made by a login or a refresh; lives for minutes and opens fields. */
  | 'ACCESS'
  /** Made beside it; lives for days and only buys the next pair. */
  | 'REFRESH';



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
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Notice: ResolverTypeWrapper<Notice>;
  Order: ResolverTypeWrapper<Order>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  TokenType: TokenType;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Boolean: Scalars['Boolean']['output'];
  Int: Scalars['Int']['output'];
  Mutation: Record<PropertyKey, never>;
  Notice: Notice;
  Order: Order;
  Query: Record<PropertyKey, never>;
  String: Scalars['String']['output'];
};

export type AuthDirectiveArgs = {
  fresh?: Scalars['Boolean']['input'];
  optional?: Scalars['Boolean']['input'];
  scopes?: Maybe<Array<Array<Scalars['String']['input']>>>;
  type?: TokenType;
};

export type AuthDirectiveResolver<Result, Parent, ContextType = AuthXContext, Args = AuthDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type OptionalTokenDirectiveArgs = {
  type?: TokenType;
};

export type OptionalTokenDirectiveResolver<Result, Parent, ContextType = AuthXContext, Args = OptionalTokenDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type PublicDirectiveArgs = { };

export type PublicDirectiveResolver<Result, Parent, ContextType = AuthXContext, Args = PublicDirectiveArgs> = DirectiveResolverFn<Result, Parent, ContextType, Args>;

export type MutationResolvers<ContextType = AuthXContext, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  refresh?: Resolver<ResolversTypes['Int'], ParentType, Refreshing<ContextType>>;
};

export type NoticeResolvers<ContextType = AuthXContext, ParentType extends ResolversParentTypes['Notice'] = ResolversParentTypes['Notice']> = {
  text?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type OrderResolvers<ContextType = AuthXContext, ParentType extends ResolversParentTypes['Order'] = ResolversParentTypes['Order']> = {
  total?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
};

export type QueryResolvers<ContextType = AuthXContext, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  maybe?: Resolver<ResolversTypes['Int'], ParentType, OptionallyAuthenticated<ContextType>>;
  open?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  peek?: Resolver<ResolversTypes['Int'], ParentType, WithOptionalToken<ContextType>>;
  silent?: Resolver<ResolversTypes['Int'], ParentType, Authenticated<ContextType>>;
};

export type Resolvers<ContextType = AuthXContext> = {
  Mutation?: MutationResolvers<ContextType>;
  Notice?: NoticeResolvers<ContextType>;
  Order?: OrderResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
};

export type DirectiveResolvers<ContextType = AuthXContext> = {
  auth?: AuthDirectiveResolver<any, any, ContextType>;
  optionalToken?: OptionalTokenDirectiveResolver<any, any, ContextType>;
  public?: PublicDirectiveResolver<any, any, ContextType>;
};
