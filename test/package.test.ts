import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { bareEnvironment, temporaryFolder } from './harness/server.ts'

const { exports, bin, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'))
/** What a user can import: all but the files that are not code. */
const ENTRIES = Object.keys(exports)
  .filter((entry) => !/\.(graphql|json)$/.test(entry))
  .map((entry) => entry.replace(/^\./, 'graphql-authx'))

let folder: string
let tarball: string

beforeAll(() => {
  folder = temporaryFolder()
  // The build was made before the tests, and packing it again here would pull it away from under the others.
  const packed = run(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
    resolve('.'),
  )
  tarball = join(folder, JSON.parse(packed)[0].filename)
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function run(command: string, args: string[], cwd: string): string {
  const path = `${resolve('node_modules/.bin')}:${process.env.PATH}`
  const done = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: { ...process.env, ...bareEnvironment({ PATH: path }) },
  })
  if (done.status !== 0) throw new Error(`${command} ${args.join(' ')}:\n${done.stdout}${done.stderr}`)
  return done.stdout
}

const USE = `
import { equal } from 'node:assert/strict'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { graphql } from 'graphql'
import { createYoga } from 'graphql-yoga'
import { createAuthX } from 'graphql-authx'
import { sqlite } from 'graphql-authx/stores/sqlite'
import { useAuthX } from 'graphql-authx/yoga'
${ENTRIES.map((entry, at) => `import * as entry${at} from '${entry}'`).join('\n')}

for (const entry of [${ENTRIES.map((_, at) => `entry${at}`).join(', ')}]) equal(Object.keys(entry).length > 0, true)

const authx = createAuthX({ secret: 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa', sessions: await sqlite(':memory:') })
const schema = authx.protect(makeExecutableSchema({
  typeDefs: [authx.typeDefs, 'type Query { open: Int secret: String! @auth }'],
  resolvers: { Query: { open: () => 1, secret: (_, __, { auth }) => auth.claims.sub } },
}))
const yoga = createYoga({ schema, plugins: [useAuthX(authx)], logging: false })
const ask = async (query: string, token?: string) => {
  const headers = { 'content-type': 'application/json', ...(token ? { authorization: \`Bearer \${token}\` } : {}) }
  const response = await yoga.fetch('http://localhost/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) })
  return \`\${response.status} \${await response.text()}\`
}
const { accessToken } = await authx.sessions.login({ sub: 'anna' })
equal(await ask('{ secret }', accessToken), '200 {"data":{"secret":"anna"}}')
equal((await ask('{ secret }')).slice(0, 3), '401')
await authx.revoke({ token: accessToken })
equal((await ask('{ secret }', accessToken)).slice(0, 3), '401')
equal((await graphql({ schema, source: '{ open }' })).data?.['open'], 1)
await authx.close()
console.log('used')
`

it.each(['16', '17'])(
  'installs into an empty project with graphql %s, where every export imports and type-checks',
  { timeout: 300_000 },
  (graphql) => {
    const project = join(folder, `with-${graphql}`)
    mkdirSync(project)
    writeFileSync(
      join(project, 'package.json'),
      JSON.stringify({ name: 'empty', private: true, type: 'module' }),
    )
    const tools = ['typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`)
    run(
      'npm',
      ['install', '--prefer-offline', '--loglevel=error', tarball, `graphql@${graphql}`, ...tools],
      project,
    )
    expect(
      JSON.parse(readFileSync(join(project, 'node_modules/graphql/package.json'), 'utf8')).version,
    ).toMatch(new RegExp(`^${graphql}\\.`))

    writeFileSync(join(project, 'use.ts'), USE)
    const compilerOptions = {
      strict: true,
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023', 'dom', 'dom.iterable'],
      types: ['node'],
      skipLibCheck: true,
      noEmit: true,
    }
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['use.ts'] }))
    expect(run('npx', ['tsc'], project)).toBe('')
    expect(run('node', ['use.ts'], project)).toBe('used\n')
    const links = [...readFileSync('README.md', 'utf8').matchAll(/\]\((docs\/[\w-]+\.md)/g)]
    const pages = links.map(([, page = '']) => join(project, 'node_modules/graphql-authx', page))
    expect(pages.length).toBeGreaterThan(10)
    expect(pages.filter((page) => !existsSync(page))).toEqual([])
    const launcher = join(project, 'node_modules/graphql-authx', bin['graphql-authx'])
    expect(run('node', [launcher, 'keys', 'generate'], project)).toContain('"kid"')
  },
)
