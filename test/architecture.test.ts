import { describe, expect, test } from 'vitest'
import { type Module, readModules, readSources, type Sources } from './harness/sources.ts'

const modules = readModules(readSources('src'))

/** A rule about the modules of src, and sources that break it with what it then says. */
interface Rule {
  readonly title: string
  readonly violations: (modules: readonly Module[]) => readonly string[]
  readonly planted: Sources
  readonly says: readonly string[]
}

interface Room {
  readonly floor: number
  readonly name: string
  readonly where: RegExp
}

const ROOMS: readonly Room[] = [
  { floor: 0, name: 'core', where: /^src\/core\// },
  { floor: 1, name: 'graphql', where: /^src\/graphql\// },
  { floor: 1, name: 'stores', where: /^src\/stores\// },
  { floor: 2, name: 'authx', where: /^src\/authx\.ts$/ },
  { floor: 2, name: 'codegen', where: /^src\/codegen\// },
  { floor: 3, name: 'testing', where: /^src\/testing\// },
  { floor: 3, name: 'server', where: /^src\/server\// },
  { floor: 4, name: 'index', where: /^src\/index\.ts$/ },
  { floor: 4, name: 'cli', where: /^src\/cli(\/|\.ts$)/ },
]

const roomOf = (path: string): Room | undefined => ROOMS.find(({ where }) => where.test(path))

function importsUpwards(modules: readonly Module[]): string[] {
  return modules.flatMap(({ path, imports }) => {
    const from = roomOf(path)
    if (from === undefined) return [`${path} is in no room`]
    return imports
      .filter((target) => isProject(target))
      .flatMap((target) => {
        const to = roomOf(target)
        if (to === undefined) return [`${path} imports ${target}, which is in no room`]
        return to === from || to.floor < from.floor
          ? []
          : [`${path} (${from.name}) imports ${target} (${to.name})`]
      })
  })
}

function isProject(target: string): boolean {
  return /^(src|\.\.|test|schema)\b/.test(target)
}

/** A dependency that only some modules may know. */
interface Door {
  readonly title: string
  readonly dependency: RegExp
  readonly door: RegExp
  readonly planted: Sources
  readonly says: readonly string[]
}

const DOORS: readonly Door[] = [
  {
    title: 'jsonwebtoken has one door, the codec',
    dependency: /^jsonwebtoken\b/,
    door: /^src\/core\/codec\.ts$/,
    planted: {
      'src/core/codec.ts': "import jwt from 'jsonwebtoken'",
      'src/authx.ts': "import type { JwtPayload } from 'jsonwebtoken'",
    },
    says: ['src/authx.ts: jsonwebtoken'],
  },
  {
    title: 'core, stores and their contracts know no GraphQL',
    dependency: /^(graphql$|graphql\/|@graphql-tools\/)/,
    door: /^src\/(?!core\/|stores\/|testing\/(?!auth-audits\/))/,
    planted: {
      'src/core/a.ts': "export type { GraphQLSchema } from 'graphql'",
      'src/stores/b.ts': "const tools = await import('@graphql-tools/utils')",
      'src/testing/c.ts': "let error: import('graphql/error').GraphQLError",
      'src/testing/auth-audits/c.ts': "import { parse } from 'graphql'",
      'src/graphql/d.ts': "import { parse } from 'graphql'",
    },
    says: [
      'src/core/a.ts: graphql',
      'src/stores/b.ts: @graphql-tools/utils',
      'src/testing/c.ts: graphql/error',
    ],
  },
  {
    title: 'the code generator is known to nobody, so that the preset imports without it',
    dependency: /^@graphql-codegen\//,
    door: /^$/,
    planted: { 'src/codegen/preset.ts': "import type { Types } from '@graphql-codegen/plugin-helpers'" },
    says: ['src/codegen/preset.ts: @graphql-codegen/plugin-helpers'],
  },
  {
    title: 'Yoga is known to its adapter and to the server',
    dependency: /^(graphql-yoga|@graphql-yoga\/|@envelop\/)/,
    door: /^src\/(graphql\/adapters\/yoga(\.ts$|\/)|server\/)/,
    planted: {
      'src/graphql/guard.ts': "import type { Plugin } from 'graphql-yoga'",
      'src/server/app.ts': "import { createYoga } from 'graphql-yoga'",
    },
    says: ['src/graphql/guard.ts: graphql-yoga'],
  },
  {
    title: 'better-sqlite3 is opened by the SQLite store only',
    dependency: /^better-sqlite3$/,
    door: /^src\/stores\/sqlite(\/|\.ts$)/,
    planted: {
      'src/server/database.ts': "import Database from 'better-sqlite3'",
      'src/stores/sql/log.ts': "import type { Database } from 'better-sqlite3'",
      'src/stores/sqlite/open.ts': "import Database from 'better-sqlite3'",
    },
    says: ['src/server/database.ts: better-sqlite3', 'src/stores/sql/log.ts: better-sqlite3'],
  },
  {
    title: 'pg is for the PostgreSQL store only, and no other driver is known to any store',
    dependency: /^(pg$|pg-|mysql2\b|mariadb$)/,
    door: /^src\/stores\/postgres\//,
    planted: {
      'src/server/database.ts': "import { Pool } from 'pg'",
      'src/stores/sql/shared-access.ts': "import type { Pool } from 'pg'",
      'src/stores/sql/mariadb.ts': "import { createPool } from 'mysql2'",
      'src/stores/postgres/pool.ts': "import { Pool } from 'pg'",
    },
    says: [
      'src/server/database.ts: pg',
      'src/stores/sql/shared-access.ts: pg',
      'src/stores/sql/mariadb.ts: mysql2',
    ],
  },
  {
    title: 'redis is for the Redis store only',
    dependency: /^(redis|@redis\/)/,
    door: /^src\/stores\/redis\//,
    planted: {
      'src/server/database.ts': "import { createClient } from 'redis'",
      'src/stores/redis/connection.ts': "import { createClient } from 'redis'",
    },
    says: ['src/server/database.ts: redis'],
  },
  {
    title: "OpenTelemetry's API has one door, its SDK another",
    dependency: /^@opentelemetry\//,
    door: /^src\/(core\/(metrics|settings)|server\/(metrics|instance))\.ts$/,
    planted: {
      'src/core/authentication.ts': "import { metrics } from '@opentelemetry/api'",
      'src/core/metrics.ts': "import { metrics } from '@opentelemetry/api'",
    },
    says: ['src/core/authentication.ts: @opentelemetry/api'],
  },
  {
    title: 'Kysely stays in the stores',
    dependency: /^kysely\b/,
    door: /^src\/stores\//,
    planted: {
      'src/server/a.ts': "import { sql } from 'kysely'",
      'src/core/b.ts': "import type { Kysely } from 'kysely'",
    },
    says: ['src/server/a.ts: kysely', 'src/core/b.ts: kysely'],
  },
  {
    title: 'passwords are hashed in the server only',
    dependency: /^@node-rs\/argon2$/,
    door: /^src\/server\//,
    planted: { 'src/core/sessions.ts': "import { hash } from '@node-rs/argon2'" },
    says: ['src/core/sessions.ts: @node-rs/argon2'],
  },
  {
    title: 'the logger of the server is not the logger of the library',
    dependency: /^pino(-pretty)?$/,
    door: /^src\/(server|cli)\//,
    planted: { 'src/core/logger.ts': "import { pino } from 'pino'" },
    says: ['src/core/logger.ts: pino'],
  },
  {
    title: 'the command line stays on its floor',
    dependency: /^commander$/,
    door: /^src\/cli(\/|\.ts$)/,
    planted: { 'src/server/index.ts': "import { Command } from 'commander'" },
    says: ['src/server/index.ts: commander'],
  },
  {
    title: 'process is not imported, so that its environment cannot be read past its door',
    dependency: /^(node:)?process$/,
    door: /^$/,
    planted: { 'src/core/settings.ts': "import { env } from 'node:process'" },
    says: ['src/core/settings.ts: node:process'],
  },
  {
    title: 'no module of src knows a test',
    dependency: /^(test\/|vitest$)/,
    door: /^$/,
    planted: {
      'src/testing/index.ts': "import { test } from 'vitest'",
      'src/core/a.ts': "import '../../test/harness/clock.ts'",
    },
    says: ['src/testing/index.ts: vitest', 'src/core/a.ts: test/harness/clock.ts'],
  },
]

/** A global that only some modules may touch. */
const GLOBALS: readonly (Omit<Door, 'dependency'> & { readonly global: RegExp })[] = [
  {
    title: 'the environment has one door',
    global: /^process\.env$/,
    door: /^src\/server\/environment\.ts$/,
    planted: {
      'src/core/keys.ts': 'const secret = process.env.AUTHX_SECRET',
      'src/authx.ts': "const secret = process['env']['AUTHX_SECRET']",
      'src/cli.ts': 'const { env } = process',
      'src/index.ts':
        '/** `createAuthX({ secret: process.env.AUTHX_SECRET })` */\nexport const documented = "process.env"',
      'src/server/environment.ts': 'export const read = (environment = process.env) => environment',
    },
    says: ['src/core/keys.ts: process.env', 'src/authx.ts: process.env', 'src/cli.ts: process.env'],
  },
  {
    title: 'the clock is read where it is a default, and by the stores, which keep time themselves',
    global: /^(Date\.now|new Date\(\)|Date\(\)|performance\.now)$/,
    door: /^src\/(core\/settings\.ts$|stores\/)/,
    planted: {
      'src/core/codec.ts': 'const now = Date.now()',
      'src/core/issuer.ts': 'const clock = Date.now',
      'src/graphql/guard.ts': 'const now = +new Date()',
      'src/server/app.ts': 'const began = performance.now(), text = Date()',
      'src/cli/token.ts': 'const shown = new Date(0).toISOString()',
      'src/core/settings.ts': 'export const clock = Date.now',
      'src/stores/memory.ts': 'export const clock = Date.now',
    },
    says: [
      'src/core/codec.ts: Date.now',
      'src/core/issuer.ts: Date.now',
      'src/graphql/guard.ts: new Date()',
      'src/server/app.ts: performance.now',
      'src/server/app.ts: Date()',
    ],
  },
  {
    title: 'the console is for the default logger and the command line',
    global: /^console$/,
    door: /^src\/(core\/logger\.ts$|cli(\/|\.ts$))/,
    planted: {
      'src/server/listen.ts': 'console.log("ready")',
      'src/core/keys.ts': 'const { log } = console',
      'src/cli/serve.ts': 'console.log("ready")',
    },
    says: ['src/server/listen.ts: console', 'src/core/keys.ts: console'],
  },
]

/** Every way round a circle of imports, each once. */
function circles(modules: readonly Module[]): string[] {
  const byPath = new Map(modules.map((module) => [module.path, module]))
  const done = new Set<string>()
  const found: string[] = []
  const visit = (path: string, trail: readonly string[]): void => {
    const at = trail.indexOf(path)
    if (at >= 0) found.push([...trail.slice(at), path].join(' > '))
    if (at >= 0 || done.has(path)) return
    for (const target of byPath.get(path)?.imports ?? [])
      if (byPath.has(target)) visit(target, [...trail, path])
    done.add(path)
  }
  for (const path of byPath.keys()) visit(path, [])
  return found
}

const outside =
  (door: RegExp, list: (module: Module) => readonly string[], what: RegExp) => (modules: readonly Module[]) =>
    modules
      .filter(({ path }) => !door.test(path))
      .flatMap((module) =>
        list(module)
          .filter((one) => what.test(one))
          .map((one) => `${module.path}: ${one}`),
      )

const RULES: readonly Rule[] = [
  {
    title: 'imports point down only, and rooms on one floor do not know each other',
    violations: importsUpwards,
    planted: {
      'src/core/a.ts': "import type { B } from '../graphql/b.ts'",
      'src/graphql/b.ts': "import { memory } from '../stores/memory.ts'",
      'src/stores/memory.ts': "export type { Contract } from '../testing/index.ts'\nimport '../core/a.ts'",
      'src/testing/index.ts': "const server = import('../server/index.ts')",
      'src/authx.ts': "let server: import('./server/index.ts').Server",
      'src/codegen/preset.ts': "import type { AuthX } from '../authx.ts'\nimport '../graphql/b.ts'",
      'src/server/index.ts': "export { createAuthX } from '../index.ts'",
      'src/index.ts': "export * from './cli.ts'",
      'src/cli.ts': "import { serve } from './cli/serve.ts'\nimport '../schema/x.ts'",
      'src/attic/old.ts': "import '../core/a.ts'",
    },
    says: [
      'src/core/a.ts (core) imports src/graphql/b.ts (graphql)',
      'src/graphql/b.ts (graphql) imports src/stores/memory.ts (stores)',
      'src/stores/memory.ts (stores) imports src/testing/index.ts (testing)',
      'src/testing/index.ts (testing) imports src/server/index.ts (server)',
      'src/authx.ts (authx) imports src/server/index.ts (server)',
      'src/codegen/preset.ts (codegen) imports src/authx.ts (authx)',
      'src/server/index.ts (server) imports src/index.ts (index)',
      'src/index.ts (index) imports src/cli.ts (cli)',
      'src/cli.ts imports schema/x.ts, which is in no room',
      'src/attic/old.ts is in no room',
    ],
  },
  ...DOORS.map(({ dependency, door, ...rule }) => ({
    ...rule,
    violations: outside(door, ({ imports }) => imports, dependency),
  })),
  ...GLOBALS.map(({ global, door, ...rule }) => ({
    ...rule,
    violations: outside(door, ({ globals }) => globals, global),
  })),
  {
    title: 'no imports go in a circle, types included',
    violations: circles,
    planted: {
      'src/core/a.ts': "import type { B } from './b.ts'",
      'src/core/b.ts': "export { c } from './c.ts'",
      'src/core/c.ts': "const a = import('./a.ts')",
      'src/core/d.ts': "import './d.ts'",
      'src/core/e.ts': "import './a.ts'\nimport './b.ts'",
    },
    says: ['src/core/a.ts > src/core/b.ts > src/core/c.ts > src/core/a.ts', 'src/core/d.ts > src/core/d.ts'],
  },
  {
    title: 'relative imports name a file that is there, with its ending',
    violations: (modules) => {
      const known = new Set(modules.map(({ path }) => path))
      return modules.flatMap(({ path, imports }) =>
        imports
          .filter((target) => target.startsWith('src/') && !known.has(target))
          .map((target) => `${path}: ${target}`),
      )
    },
    planted: { 'src/core/a.ts': "import './b.js'\nimport './c'", 'src/core/b.ts': '' },
    says: ['src/core/a.ts: src/core/b.js', 'src/core/a.ts: src/core/c'],
  },
]

describe.each(RULES)('$title', ({ violations, planted, says }) => {
  test('in what we wrote', () => {
    expect(violations(modules)).toEqual([])
  })

  test('and a planted violation is seen', () => {
    expect(violations(readModules(planted))).toEqual(says)
  })
})

describe('the reader of modules', () => {
  test('finds every module of src', () => {
    expect(modules.length).toBeGreaterThan(35)
    expect(modules.map(({ path }) => path)).toContain('src/core/codec.ts')
    for (const { floor, name, where } of ROOMS) {
      expect(modules.filter(({ path }) => where.test(path)).length, `${floor} ${name}`).toBeGreaterThan(0)
    }
  })

  test('sees every way to import, and none in comments and texts', () => {
    const [module] = readModules({
      'src/core/deep/x.ts': `
        import a from 'a'
        import * as b from 'b'
        import type { C } from 'c'
        import { type D } from 'd'
        import 'e'
        export { f } from 'f'
        export type { G } from 'g'
        export * from 'h'
        export * as i from 'i'
        const j = await import('j')
        type K = import('k').K
        const l = require('l')
        import m from './m.ts'
        import n from '../n.ts'
        import {
          o1,
          o2,
        } from "o"
        // import z from 'z'
        /** import z from 'z' */
        const text = "import z from 'z'", template = \`import z from 'z'\`, pattern = /import 'z'/
        export const own = 1
      `,
    })
    expect(module?.imports).toEqual([
      ...[
        'a',
        'b',
        'c',
        'd',
        'e',
        'f',
        'g',
        'h',
        'i',
        'j',
        'k',
        'l',
        'src/core/deep/m.ts',
        'src/core/n.ts',
        'o',
      ],
    ])
  })
})
