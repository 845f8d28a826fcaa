import { describe, expect, test } from 'vitest'
import * as codegen from '../src/codegen/preset.ts'
import * as apollo from '../src/graphql/adapters/apollo.ts'
import * as graphqlHttp from '../src/graphql/adapters/graphql-http.ts'
import * as mercurius from '../src/graphql/adapters/mercurius.ts'
import * as yoga from '../src/graphql/adapters/yoga.ts'
import * as index from '../src/index.ts'
import * as server from '../src/server/index.ts'
import * as postgres from '../src/stores/postgres.ts'
import * as redis from '../src/stores/redis.ts'
import * as sql from '../src/stores/sql.ts'
import * as testing from '../src/testing/index.ts'
import { type Module, readModules, readSources } from './harness/sources.ts'

const modules = new Map(readModules(readSources('src')).map((module) => [module.path, module]))

function moduleAt(path: string): Module {
  const module = modules.get(path)
  if (module === undefined) throw new Error(`${path} is not there`)
  return module
}

/** Names that are exported without a docstring where they are declared. */
function undocumented(module: Module, find: (path: string) => Module): string[] {
  const own = [...module.declared].filter(([, isDocumented]) => !isDocumented).map(([name]) => name)
  const passedOn = module.passedOn.filter(({ name, from }) => find(from).declared.get(name) !== true)
  return [...own, ...passedOn.map(({ name }) => name)]
}

describe('graphql-authx', () => {
  const { passedOn, declared } = moduleAt('src/index.ts')
  const names = (isType: boolean) =>
    passedOn
      .filter((one) => one.isType === isType)
      .map(({ name }) => name)
      .sort()

  test('exports these values', () => {
    expect(names(false)).toMatchInlineSnapshot(`
      [
        "AuthError",
        "ConfigurationError",
        "RequestToken",
        "bearerHeader",
        "createAuthX",
        "jsonExtension",
        "queryParameter",
        "refuse",
        "usernameKey",
      ]
    `)
    expect(Object.keys(index).sort()).toEqual(names(false))
    expect([...declared]).toEqual([])
  })

  test('exports these types', () => {
    expect(names(true)).toMatchInlineSnapshot(`
      [
        "AccessClaims",
        "Account",
        "AccountChange",
        "AccountDirectory",
        "AccountStore",
        "Admission",
        "Algorithm",
        "AnonymousAuth",
        "AnswerHeaders",
        "AnswerInstead",
        "AuditEvent",
        "AuditHook",
        "AuditHooks",
        "AuditReason",
        "AuthX",
        "AuthXContext",
        "AuthXOptions",
        "Authenticated",
        "BearerHeaderOptions",
        "BlocklistStore",
        "Carrier",
        "CheckedAuth",
        "Claims",
        "Closing",
        "CookieOptions",
        "CreatedSession",
        "CsrfOptions",
        "DefaultPolicy",
        "EnforcementMode",
        "EpochReading",
        "Execution",
        "HttpOutcome",
        "IntrospectionMode",
        "KeptTokens",
        "KeyOptions",
        "LocationList",
        "LocationName",
        "LocationOptions",
        "LogEntry",
        "LogPage",
        "Logger",
        "LoginInput",
        "NewSession",
        "OpenSession",
        "OptionalAuth",
        "OptionallyAuthenticated",
        "OptionallyRefreshing",
        "PasswordReplacement",
        "RefreshClaims",
        "RefreshScopes",
        "Refreshing",
        "Refusal",
        "RefusalCode",
        "RefusalDetails",
        "RefusalReason",
        "ReplicaStatus",
        "Report",
        "ResultLike",
        "Revocation",
        "RevocationTarget",
        "Rotation",
        "RotationRequest",
        "RouterSdl",
        "SelfTestReport",
        "SentTokens",
        "ServedRequest",
        "ServedSocket",
        "Serving",
        "Session",
        "SessionEnding",
        "SessionLimit",
        "SessionMethods",
        "SessionRecord",
        "SessionStore",
        "SessionsEnding",
        "SocketLife",
        "SocketLifeParts",
        "SocketOpening",
        "Store",
        "SubjectDetails",
        "SubjectGetter",
        "TokenBlocklistCallback",
        "TokenCookies",
        "TokenDetails",
        "TokenHeader",
        "TokenIdentity",
        "TokenInput",
        "TokenLocation",
        "TokenLocationName",
        "TokenPair",
        "TokenType",
        "TurnedAway",
        "UncheckedAuth",
        "UpgradeRequest",
        "WithOptionalToken",
      ]
    `)
  })

  test('says of every name what it is', () => {
    expect(undocumented(moduleAt('src/index.ts'), moduleAt)).toEqual([])
  })
})

describe('graphql-authx/yoga', () => {
  test('exports the plugin alone, and says what it is', () => {
    expect(Object.keys(yoga).sort()).toEqual(['useAuthX', 'useBodyLimit'])
    expect(undocumented(moduleAt('src/graphql/adapters/yoga.ts'), moduleAt)).toEqual([])
  })
})

describe('graphql-authx/mercurius', () => {
  test('exports the plugin and what Mercurius is registered with, and says what they are', () => {
    expect(Object.keys(mercurius).sort()).toEqual(['mercuriusAuthX', 'mercuriusOptions'])
    expect(undocumented(moduleAt('src/graphql/adapters/mercurius.ts'), moduleAt)).toEqual([])
  })
})

describe.each([
  ['apollo', apollo, ['authxPlugin']],
  ['graphql-http', graphqlHttp, ['authxOptions']],
])('graphql-authx/%s', (name, module, values) => {
  test('exports what brings an instance to its server, and says what it is', () => {
    expect(Object.keys(module)).toEqual(values)
    expect(undocumented(moduleAt(`src/graphql/adapters/${name}.ts`), moduleAt)).toEqual([])
  })
})

describe('graphql-authx/codegen', () => {
  const { declared } = moduleAt('src/codegen/preset.ts')

  test('exports the preset, also by the name that the generator looks for, and the type of its options', () => {
    expect(Object.keys(codegen).sort()).toEqual(['authxPreset', 'preset'])
    expect([...declared.keys()].sort()).toEqual(['AuthXPresetConfig', 'authxPreset', 'preset'])
  })

  test('says of every name what it is', () => {
    expect(undocumented(moduleAt('src/codegen/preset.ts'), moduleAt)).toEqual([])
  })
})

describe('graphql-authx/server', () => {
  const { passedOn, declared } = moduleAt('src/server/index.ts')

  test('exports what starts the server, and the types of what a team brings to it', () => {
    expect(Object.keys(server).sort()).toMatchInlineSnapshot(`
      [
        "hashPassword",
        "readEnvironment",
        "startServer",
      ]
    `)
    expect([...declared.keys(), ...passedOn.map(({ name }) => name)].sort()).toMatchInlineSnapshot(`
      [
        "Account",
        "AccountDesk",
        "AccountDirectory",
        "AccountStore",
        "Allowance",
        "Extend",
        "ExtensionParts",
        "GrantScopes",
        "Limit",
        "PasswordReplacement",
        "RunningServer",
        "SchemaExtension",
        "ServerContext",
        "ServerSettings",
        "StartOptions",
        "TakenTry",
        "hashPassword",
        "readEnvironment",
        "startServer",
      ]
    `)
  })

  test('says of every name what it is', () => {
    expect(undocumented(moduleAt('src/server/index.ts'), moduleAt)).toEqual([])
  })
})

describe.each([
  ['postgres', postgres, ['postgres', 'postgresSchema'], ['PostgresOptions', 'PostgresSchemaOptions']],
  ['redis', redis, ['redis'], ['RedisLoss', 'RedisOptions']],
  ['sql', sql, ['mariadb', 'sql'], ['ColumnTypes', 'Database', 'SqlLanguage', 'SqlOptions']],
])('graphql-authx/stores/%s', (name, module, values, types) => {
  const { passedOn, declared } = moduleAt(`src/stores/${name}.ts`)

  test('exports how to open it, and the types of what it is given', () => {
    expect(Object.keys(module).sort()).toEqual(values)
    const names = [...declared.keys(), ...passedOn.map((one) => one.name)]
    expect(names.sort()).toEqual([...values, ...types].sort())
  })

  test('says of every name what it is', () => {
    expect(undocumented(moduleAt(`src/stores/${name}.ts`), moduleAt)).toEqual([])
  })
})

describe('graphql-authx/testing', () => {
  test('exports the contracts of stores, and what a team tests its own app with', () => {
    expect(Object.keys(testing).sort()).toEqual([
      'accountContract',
      'accountDirectoryContract',
      'authAuditReport',
      'authAudits',
      'blocklistContract',
      'contextWith',
      'runAuthAudits',
      'sessionContract',
      'storeContract',
      'testClock',
      'tokenFor',
    ])
  })

  test('says of every name what it is', () => {
    expect(undocumented(moduleAt('src/testing/index.ts'), moduleAt)).toEqual([])
  })
})

test('a name without a docstring is seen', () => {
  const planted = readModules({
    'src/index.ts':
      "export { type A, b } from './a.ts'\nexport type { C, D } from './a.ts'\nexport const own = 1",
    'src/a.ts':
      '/** Documented. */\nexport type A = 1\n\nexport const b = 1\n\n// No docstring.\nexport interface C {}\n/** Documented. */\nexport class D {}',
  })
  const find = (path: string): Module => planted.find((module) => module.path === path) ?? moduleAt(path)
  expect(undocumented(find('src/index.ts'), find)).toEqual(['own', 'b', 'C'])
})
