import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buildSchema, type GraphQLSchema } from 'graphql'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type AuthXPresetConfig, authxPreset } from '../../src/codegen/preset.ts'
import { directiveTypeDefs } from '../../src/graphql/directives.ts'
import { bareEnvironment, temporaryFolder } from '../harness/server.ts'

interface Output {
  readonly presetConfig?: AuthXPresetConfig | Readonly<Record<string, unknown>>
  readonly config?: Readonly<Record<string, unknown>>
  readonly plugins?: readonly Readonly<Record<string, unknown>>[]
  readonly schemaAst?: GraphQLSchema | undefined
}

const SCHEMA = buildSchema(`${directiveTypeDefs} type Query { me: Int @auth }`)
const IMPORT = 'authx Authenticated#graphql-authx#Authenticated'
const ME = 'Query.me#Authenticated<ContextType>'

function build(output: Output = {}) {
  const given = { presetConfig: {}, config: {}, plugins: [{ 'typescript-resolvers': {} }], schemaAst: SCHEMA }
  const options = { ...given, ...output, baseOutputDir: 'resolvers.ts', pluginMap: {} }
  return authxPreset.buildGeneratesSection(options as Parameters<typeof authxPreset.buildGeneratesSection>[0])
}

describe('the preset', () => {
  test('writes the one file, with what else it was given', () => {
    const plugins = [
      { add: { content: '//' } },
      { typescript: {} },
      { 'typescript-resolvers': { mappers: {} } },
    ]
    expect(build({ config: { contextType: 'Context' }, plugins })).toEqual([
      {
        baseOutputDir: 'resolvers.ts',
        filename: 'resolvers.ts',
        presetConfig: {},
        pluginMap: {},
        schemaAst: SCHEMA,
        config: { contextType: 'Context' },
        plugins: [
          { add: { content: '//' } },
          { typescript: {} },
          {
            'typescript-resolvers': {
              mappers: {},
              contextType: 'Context',
              fieldContextTypes: [IMPORT, ME],
            },
          },
        ],
      },
    ])
  })

  const resolversConfig = (output: Output) => Object.values(build(output)[0]?.plugins[0] ?? {})[0]

  test("adds to the plugin's own entries, which count before those of the output as ever", () => {
    const plugins = [{ '@graphql-codegen/typescript-resolvers': { fieldContextTypes: ['Query.me#Mine'] } }]
    expect(resolversConfig({ plugins, config: { fieldContextTypes: ['Query.me#Other'] } })).toMatchObject({
      fieldContextTypes: [IMPORT, 'own Query.me#Mine', 'Query.me#Authenticated<Mine>'],
    })
  })

  test('takes the types, and a context where none is named, from where it is told', () => {
    expect(resolversConfig({ presetConfig: { typesFrom: './authx.ts' } })).toEqual({
      contextType: './authx.ts#AuthXContext',
      fieldContextTypes: ['authx Authenticated#./authx.ts#Authenticated', ME],
    })
  })

  test.each<[string, Output, RegExp]>([
    [
      'an option that is not there',
      { presetConfig: { policy: 'x' } },
      /^presetConfig\.policy: no such option/,
    ],
    [
      'a default policy that is not there',
      { presetConfig: { defaultPolicy: 'private' } },
      /^presetConfig\.defaultPolicy: must be one of/,
    ],
    ['types from nowhere', { presetConfig: { typesFrom: '' } }, /^presetConfig\.typesFrom: must be a text/],
    ['plugins without resolvers', { plugins: [{ typescript: {} }] }, /must have 'typescript-resolvers'/],
    ['no schema', { schemaAst: undefined }, /one copy of it is installed/],
    [
      'our directives a second time',
      { config: { directiveContextTypes: ['tenant#T', 'auth#graphql-authx#Authenticated'] } },
      /^directiveContextTypes: 'auth#graphql-authx#Authenticated' is what authxPreset does/,
    ],
  ])('refuses %s', (_, output, message) => {
    expect(() => build(output)).toThrow(message)
  })
})

// Each starts the generator, and a compiler: processes that a busy machine is slow with.
describe('the generator itself', { timeout: 180_000 }, () => {
  let folder: string

  beforeEach(() => {
    folder = temporaryFolder()
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(resolve('.'), join(folder, 'node_modules/graphql-authx'))
    for (const name of ['@graphql-codegen', 'graphql']) {
      symlinkSync(resolve('node_modules', name), join(folder, 'node_modules', name))
    }
    for (const [name, text] of Object.entries(PROJECT)) writeFileSync(join(folder, name), text)
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  function run(
    command: string,
    ...args: string[]
  ): { readonly status: number | null; readonly said: string } {
    const PATH = `${resolve('node_modules/.bin')}:${process.env.PATH}`
    const options = { cwd: folder, encoding: 'utf8', env: bareEnvironment({ PATH }) } as const
    const { status, stdout, stderr } = spawnSync(command, args, options)
    return { status, said: stdout + stderr }
  }

  test.each(['codegen.ts', 'codegen.yml'])(
    'makes types by the built package, from SDL that defines no directive: %s',
    (config) => {
      const generated = run('graphql-codegen', '--config', config)
      expect(generated, generated.said).toMatchObject({ status: 0 })
      const lines = readFileSync(join(folder, 'resolvers.generated.ts'), 'utf8').split('\n')
      expect(
        lines.filter((line) => /^import .*(graphql-authx|context)|\?: Resolver</.test(line)),
      ).toMatchInlineSnapshot(`
        [
          "import type { Context, CartContext } from './context.ts';",
          "import type { Authenticated as AuthXAuthenticated, OptionallyAuthenticated, Refreshing } from 'graphql-authx';",
          "  name?: Resolver<ResolversTypes['String'], ParentType, AuthXAuthenticated<ContextType>>;",
          "  cart?: Resolver<ResolversTypes['Int'], ParentType, AuthXAuthenticated<CartContext>>;",
          "  me?: Resolver<Maybe<ResolversTypes['Authenticated']>, ParentType, OptionallyAuthenticated<ContextType>>;",
          "  open?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;",
          "  refresh?: Resolver<ResolversTypes['Int'], ParentType, Refreshing<ContextType>>;",
        ]
      `)
      expect(run('tsc', '-p', '.')).toEqual({ status: 0, said: '' })
    },
  )

  test('says which field is wrong where protect would refuse the schema', () => {
    writeFileSync(join(folder, 'schema.graphql'), 'type Query @auth { me: Int @auth(type: REFRESH) }')
    const { status, said } = run('graphql-codegen', '--config', 'codegen.ts')
    expect(status).toBe(1)
    expect(said).toContain('Query.me: @auth(type: ACCESS) and @auth(type: REFRESH) meet here')
  })
})

const PROJECT = {
  'package.json': '{ "type": "module" }',
  'schema.graphql': `
    type Query { open: Int! me: Authenticated @auth(optional: true) cart: Int! @auth refresh: Int! @auth(type: REFRESH) }
    "Named as one of our types is."
    type Authenticated @auth { name: String! }
  `,
  'codegen.ts': `
    import type { CodegenConfig } from '@graphql-codegen/cli'
    import { authxPreset } from 'graphql-authx/codegen'

    const config: CodegenConfig = {
      schema: 'schema.graphql',
      emitLegacyCommonJSImports: false,
      importExtension: '',
      generates: {
        'resolvers.generated.ts': {
          preset: authxPreset,
          plugins: ['typescript', 'typescript-resolvers'],
          config: {
            useTypeImports: true,
            contextType: './context.ts#Context',
            fieldContextTypes: ['Query.cart#./context.ts#CartContext'],
          },
        },
      },
    }
    export default config
  `,
  'codegen.yml': `
schema: schema.graphql
emitLegacyCommonJSImports: false
importExtension: ''
generates:
  resolvers.generated.ts:
    preset: graphql-authx/codegen
    plugins: [typescript, typescript-resolvers]
    config:
      useTypeImports: true
      contextType: ./context.ts#Context
      fieldContextTypes: ['Query.cart#./context.ts#CartContext']
`,
  'context.ts': `
    import type { AuthXContext } from 'graphql-authx'
    export interface Context extends AuthXContext { readonly count: number }
    export interface CartContext extends Context { readonly size: number }
  `,
  'resolvers.ts': `
    import type { Resolvers } from './resolvers.generated.ts'
    export const resolvers: Resolvers = {
      Authenticated: { name: (_, __, { auth }) => auth.claims.sub },
      Query: {
        me: (_, __, { auth }) => auth.claims === null ? null : { name: auth.claims.sub },
        cart: (_, __, { auth, size, count }) => auth.claims.exp + size + count,
        refresh: (_, __, { refreshAuth }) => refreshAuth.claims.gen,
        // @ts-expect-error no rule stands here
        open: (_, __, { auth }) => auth.claims.exp,
      },
    }
  `,
  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      strict: true,
      module: 'nodenext',
      target: 'es2023',
      types: [],
      lib: ['es2024', 'esnext.disposable', 'dom'],
      skipLibCheck: true,
      noEmit: true,
      allowImportingTsExtensions: true,
    },
    include: ['*.ts'],
  }),
}
