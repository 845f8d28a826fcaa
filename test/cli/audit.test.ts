import { execFile } from 'node:child_process'
import { cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bareEnvironment, temporaryFolder } from '../harness/server.ts'

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
  cpSync(resolve('examples/audit-in-ci'), folder, { recursive: true })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Done {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Without a shell, so that a pattern arrives as it is. */
async function audit(args: readonly string[], env: Record<string, string> = {}): Promise<Done> {
  const command = [resolve('bin/graphql-authx.js'), 'audit', ...args]
  const options = { cwd: folder, env: bareEnvironment(env), maxBuffer: 1e8 }
  return await new Promise((done) => {
    execFile(process.execPath, command, options, (error, out, err) => {
      done({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err })
    })
  })
}

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text)
  return name
}

const DENIAL = ['--deny-public', 'Mutation.*', '--deny-public', '!Mutation.login']

describe('audit --check', () => {
  test('passes where the manifest says what the schema does', async () => {
    expect(await audit(['schema.graphql', '--check', 'authx.manifest', ...DENIAL])).toEqual({
      code: 0,
      out: 'authx.manifest: the schema is as it says.\n',
      err: '',
    })
  })

  test('fails on a new mutation that nobody guarded, with the diff that the example shows', async () => {
    const schema = readFileSync(join(folder, 'schema.graphql'), 'utf8')
    write(
      'changed.graphql',
      schema.replace('type Mutation {', 'type Mutation {\n  deletePost(id: ID!): Boolean!'),
    )
    const { code, out, err } = await audit(['changed.graphql', '--check', 'authx.manifest', ...DENIAL])
    const [, shown = ''] =
      /exit code 1:\n\n```\n([\s\S]*?)```/.exec(readFileSync(join(folder, 'README.md'), 'utf8')) ?? []
    expect(out.trimEnd().replaceAll('changed.graphql', 'schema.graphql')).toBe(shown.trimEnd())
    expect([code, err]).toEqual([1, ''])
    await audit(['changed.graphql', '--write', 'accepted.manifest'])
    expect((await audit(['changed.graphql', '--check', 'accepted.manifest'])).code).toBe(0)
  })
})

describe('a report', () => {
  test('is JSON, as docs/audit.md tells', async () => {
    const { code, out, err } = await audit([
      'schema.graphql',
      '--format',
      'json',
      '--default-policy',
      'protected',
    ])
    const { entries, ...rest } = JSON.parse(out)
    expect([code, err, rest]).toEqual([
      0,
      '',
      {
        version: 1,
        files: ['schema.graphql'],
        defaultPolicy: 'protected',
        warnings: [],
        notes: [],
        counts: { public: 0, unverified: 0, optional: 0, guarded: 11, withinReach: 0 },
      },
    ])
    expect(entries.at(-1)).toEqual({
      coordinate: 'User.name',
      kind: 'field',
      effect: 'guarded',
      rule: 'access token',
      sources: [{ at: 'default policy', says: 'protected' }],
      path: null,
    })
  })

  test('is a table as wide as COLUMNS says, without colour where nobody asks for it', async () => {
    const { out } = await audit(['schema.graphql'], { COLUMNS: '60' })
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60)
    expect(out).not.toContain('\u001b')
    expect((await audit(['schema.graphql'], { FORCE_COLOR: '1' })).out).toContain('\u001b[31mpublic')
  })

  test('goes to a file, in the format of its ending, and warnings are told beside a check', async () => {
    const sdl = 'type Query { a: Int } type Mutation { add: User } type User @auth { a: Int }'
    write('warned.graphql', sdl)
    const done = await audit(['warned.graphql', '--output', 'report.html', '--write', 'warned.manifest'])
    expect(done).toEqual({
      code: 0,
      out:
        'warned.manifest: wrote 3 coordinates: 2 public, 1 guarded; anyone can reach 2.\n' +
        'report.html: wrote the report.\n',
      err: '',
    })
    expect(readFileSync(join(folder, 'report.html'), 'utf8')).toMatch(/^<!doctype html>/)
    expect((await audit(['warned.graphql', '--check', 'warned.manifest'])).out).toContain(
      'warning: Mutation.add: it is public and returns User',
    )
  })
})

describe('a module', () => {
  const graphql = resolve('node_modules/graphql/index.js')
  const SCHEMA = `new GraphQLSchema({ query: new GraphQLObjectType({ name: 'Query', fields: {
    secret: { type: GraphQLString, extensions: { directives: { auth: {} } } } } }) })`
  const source = (exported: string) => `
    import graphql from ${JSON.stringify(graphql)}
    const { GraphQLObjectType, GraphQLSchema, GraphQLString } = graphql
    setInterval(() => {}, 1000)
    const schema = ${SCHEMA}
    ${exported}
  `

  test.each([
    ['a schema', 'one.mjs', 'export default schema'],
    ['a promise of one', 'two.mjs', 'const promise = Promise.resolve(schema)\nexport { promise as schema }'],
    [
      'a function that makes one, in TypeScript',
      'three.ts',
      'export default async (): Promise<unknown> => schema',
    ],
  ])('exports %s, and what it keeps open keeps nobody waiting', async (_, name, exported) => {
    const { code, out, err } = await audit([write(name, source(exported)), '--format', 'json'])
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out).entries).toMatchObject([{ coordinate: 'Query.secret', effect: 'guarded' }])
  })

  test('without a schema is a 2, and so is one that does not load', async () => {
    const none = await audit([write('none.mjs', 'export const schema = {}')])
    expect([none.code, none.err]).toEqual([
      2,
      expect.stringMatching(/^graphql-authx: none\.mjs: exports no schema; .*\n$/),
    ])
    const broken = await audit([write('broken.mjs', 'throw new Error("no database")')])
    expect([broken.code, broken.err]).toEqual([
      2,
      'graphql-authx: broken.mjs: no schema comes from it: no database\n',
    ])
  })

  test.each([
    ['ends the process', 'ends.mjs', 'process.exit(0)'],
    ['never makes its schema', 'waits.mjs', 'export default () => new Promise(() => {})'],
  ])('that %s is a 2, whatever it says of itself', async (_, name, text) => {
    expect(await audit([write(name, text), '--check', 'authx.manifest'])).toEqual({
      code: 2,
      out: '',
      err: `graphql-authx: ${name}: the process ended before it exported a schema\n`,
    })
  })

  test.each([
    ['syntax', 'enum.ts', 'export enum Colour { Red }'],
    ['an import', 'import.ts', "export { schema } from './three'"],
    ['a decorator', 'decorator.ts', '@Query class A {}\nexport const schema: number = 1'],
  ])('with %s that Node does not run as it is tells of a loader, in one line', async (_, name, text) => {
    const { code, err } = await audit([write(name, text)])
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /^graphql-authx: \w+\.ts: no schema .*bring a loader: NODE_OPTIONS='--import tsx'\n$/,
      ),
    ])
    expect((await audit([write('lines.mjs', 'throw new Error("one\\ntwo")')])).err).toMatch(/: one two\n$/)
  })
})

describe('what cannot be done is a 2, and a line', () => {
  test.each([
    ['a file that is not there', ['nowhere.graphql'], /nowhere\.graphql: there is no such file/],
    [
      'a server',
      ['http://localhost:4000/graphql'],
      /graphql: no server is asked, since its answer has no directives on it; name the schema's files/,
    ],
    ['an option that is not there', ['schema.graphql', '--deny', 'x'], /unknown option '--deny'/],
    ['no file at all', [], /missing required argument 'files'/],
    [
      'a policy that is not there',
      ['schema.graphql', '--default-policy', 'open'],
      /Allowed choices are public/,
    ],
    [
      'a manifest that is not there',
      ['schema.graphql', '--check', 'no.manifest'],
      /no\.manifest: there is no manifest to read; make one with --write no\.manifest/,
    ],
    [
      'writing and checking at once',
      ['schema.graphql', '--check', 'a', '--write', 'a'],
      /takes --write or --check, not both/,
    ],
    [
      'a manifest in a folder that is not there',
      ['schema.graphql', '--write', 'no/authx.manifest'],
      /--write no\/authx\.manifest: its folder is not there; make it first/,
    ],
    [
      'a report in place of a folder',
      ['schema.graphql', '--output', '.'],
      /--output \.: is a folder; name a file in it/,
    ],
    [
      'a silent root field that is not allowed',
      ['schema.graphql', '--default-policy', 'declared'],
      /Query\.posts, Mutation\.login: nothing says who may have them/,
    ],
  ])('%s', async (_, args, message) => {
    const { code, out, err } = await audit(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toMatch(message)
    expect(err.trimEnd().split('\n')).toHaveLength(1)
  })
})
