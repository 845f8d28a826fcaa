import type { Contestant, Section } from './contest.ts'

const CACHED = 'jsonwebtoken, KeyObject and a cache'
const FASTIFY_CACHED = 'mercurius-auth and @fastify/jwt with its cache'

/** A server with something that guards it. */
function guarded(floor: string, by: string, at: string, more: Partial<Contestant> = {}): Contestant {
  return { name: `${floor}, ${by}`, at, floor, guards: true, ...more }
}

/** Everybody who is measured, in the order of the tables. One line each; the code is in `contestants/`. */
export const SECTIONS: readonly Section[] = [
  {
    name: 'micro',
    title: 'One token',
    unit: 'µs of CPU',
    isRate: false,
    digits: 2,
    baseline: 'jsonwebtoken, KeyObject',
    contestants: [
      { name: 'jsonwebtoken, KeyObject', at: 'jsonwebtoken#key', against: 'ours, new tokens', quick: true },
      {
        name: 'jsonwebtoken, string secret',
        at: 'jsonwebtoken#string',
        against: 'ours, new tokens',
      },
      { name: 'fast-jwt', at: 'fast-jwt#plain', against: 'ours, new tokens' },
      { name: 'fast-jwt, its cache, new tokens', at: 'fast-jwt#cachedButNew', against: 'ours, new tokens' },
      {
        name: 'fast-jwt, its cache, repeated tokens',
        at: 'fast-jwt#repeated',
        against: 'ours, repeated tokens',
      },
      { name: 'ours, new tokens', at: 'authx#judgeNew', ours: true, quick: true },
      { name: 'ours, repeated tokens', at: 'authx#judgeRepeated', ours: true, quick: true },
      {
        name: 'ours, repeated tokens, with a context and a guarded resolver',
        at: 'authx#guardedField',
        ours: true,
      },
      { name: 'ours, forged tokens', at: 'authx#judgeForged', ours: true, quick: true },
      { name: 'ours, garbage', at: 'authx#judgeGarbage', ours: true, quick: true },
      { name: 'blocklist of 100,000, revoked', at: 'blocklist#hit', floor: null, ours: true },
      { name: 'blocklist of 100,000, not revoked', at: 'blocklist#miss', floor: null, ours: true },
    ],
  },
  {
    name: 'executor',
    title: 'One operation: 1,000 objects with 10 fields',
    unit: 'µs of CPU',
    isRate: false,
    digits: 0,
    baseline: 'unguarded',
    contestants: [
      { name: 'unguarded', at: 'unguarded#flat', quick: true },
      { name: 'ours, root', at: 'authx#root', ours: true },
      { name: 'ours, type', at: 'authx#type', ours: true },
      { name: 'ours, every leaf', at: 'authx#leaves', ours: true, quick: true },
      { name: 'ours, root, refused', at: 'authx#rootRefused', ours: true },
      { name: 'ours, every leaf, each refused', at: 'authx#leavesRefused', ours: true, quick: true },
      { name: 'ours, by operation', at: 'authx#operationGranted', ours: true, quick: true },
      { name: 'ours, by operation, refused', at: 'authx#operationRefused', ours: true, quick: true },
      { name: 'nested lists, unguarded', at: 'unguarded#nested', floor: null },
      {
        name: 'nested lists, ours, every type and leaf',
        at: 'authx#nested',
        floor: 'nested lists, unguarded',
        ours: true,
      },
      { name: 'graphql-shield, root', at: 'shield#root', against: 'ours, root' },
      { name: 'graphql-shield, every leaf', at: 'shield#leaves', against: 'ours, every leaf' },
      {
        name: 'graphql-shield, every leaf, each refused',
        at: 'shield#leavesRefused',
        against: 'ours, every leaf, each refused',
      },
      { name: 'generic-auth, root', at: 'generic-auth#root', against: 'ours, root' },
      {
        name: 'generic-auth, every leaf',
        at: 'generic-auth#leaves',
        against: 'ours, by operation',
      },
      {
        name: 'generic-auth, every leaf, refused as a whole',
        at: 'generic-auth#leavesRefused',
        against: 'ours, by operation, refused',
      },
    ],
  },
  {
    name: 'http',
    title: 'One request: a small query, guarded, with revocation',
    unit: 'requests a second of CPU',
    isRate: true,
    digits: 0,
    baseline: 'Yoga as it comes',
    contestants: [
      { name: 'Yoga as it comes', at: 'yoga#asItComes', quick: true },
      { name: 'Yoga, no body limit', at: 'yoga#unlimited' },
      { name: 'Yoga, our body limit', at: 'yoga#lean', quick: true },
      guarded('Yoga as it comes', 'ours', 'yoga-authx#asItComes', { ours: true }),
      guarded('Yoga as it comes', 'plugin-jwt and generic-auth', 'yoga-plugin-jwt#documented', {
        quick: true,
      }),
      guarded('Yoga, our body limit', 'ours', 'yoga-authx#lean', { ours: true, quick: true }),
      guarded('Yoga, our body limit', 'jsonwebtoken, string secret', 'yoga-jsonwebtoken#string'),
      guarded('Yoga, our body limit', 'jsonwebtoken, KeyObject', 'yoga-jsonwebtoken#key'),
      guarded('Yoga, our body limit', CACHED, 'yoga-jsonwebtoken#cached', { quick: true }),
      guarded('Yoga, our body limit', 'graphql-shield, jsonwebtoken with a cache', 'yoga-shield#fastest'),
      guarded('Yoga, our body limit', 'plugin-jwt and generic-auth, KeyObject', 'yoga-plugin-jwt#fastest'),
      { name: 'our server', at: 'server#started', guards: true, ours: true, quick: true },
      { name: 'Mercurius', at: 'mercurius#bare' },
      guarded('Mercurius', 'ours', 'mercurius-authx#plain', { ours: true, quick: true }),
      guarded('Mercurius', 'mercurius-auth and @fastify/jwt', 'mercurius-auth#documented'),
      guarded('Mercurius', FASTIFY_CACHED, 'mercurius-auth#cached', { quick: true }),
      { name: 'Mercurius with JIT', at: 'mercurius#jit' },
      guarded('Mercurius with JIT', 'ours', 'mercurius-authx#jit', { ours: true }),
      guarded('Mercurius with JIT', FASTIFY_CACHED, 'mercurius-auth#fastest'),
      { name: 'Apollo', at: 'apollo#bare' },
      guarded('Apollo', 'ours', 'apollo-authx#standalone', { ours: true }),
      guarded('Apollo', 'jsonwebtoken, string secret', 'apollo#string'),
      guarded('Apollo', 'jsonwebtoken, KeyObject', 'apollo#key'),
      guarded('Apollo', CACHED, 'apollo#cached'),
      { name: 'graphql-http', at: 'graphql-http#bare' },
      guarded('graphql-http', 'ours', 'graphql-http-authx#handler', { ours: true }),
      guarded('graphql-http', CACHED, 'graphql-http#cached'),
      { name: 'graphql-js by hand', at: 'node-http#graphql' },
      guarded('graphql-js by hand', CACHED, 'node-http#verified', { against: 'our server' }),
      { name: 'node:http, no GraphQL', at: 'node-http#bare' },
    ],
  },
]
