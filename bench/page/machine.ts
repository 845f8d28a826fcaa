import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem, type } from 'node:os'
import { isPinned } from '../measure/processes.ts'
import { table } from './tables.ts'

const bench = new URL('../', import.meta.url)
const root = new URL('../', bench)

/** What is measured beside us, in the versions that are installed. */
const PACKAGES = [
  'graphql',
  'graphql-yoga',
  '@apollo/server',
  '@envelop/generic-auth',
  '@fastify/jwt',
  '@graphql-yoga/plugin-jwt',
  'autocannon',
  'fast-jwt',
  'fastify',
  'graphql-http',
  'graphql-jit',
  'graphql-shield',
  'jsonwebtoken',
  'mercurius',
  'mercurius-auth',
]

/** The machine, in a sentence. */
export function machine(): string {
  const [cpu] = cpus()
  const memory = Math.round(totalmem() / 1024 ** 3)
  const cores = isPinned
    ? 'What is measured has the first core, what asks it the second.'
    : 'The system chose the cores.'
  return `${cpus().length} cores (${cpu?.model.trim()}), ${memory} GiB, ${type()} ${release()}, Node ${process.versions.node}. ${cores}`
}

/** What else the machine did, so that a reader knows what a spread is worth. */
export function load(): string {
  return loadavg()
    .map((average) => average.toFixed(1))
    .join(', ')
}

export function versions(): string {
  return table(
    ['package', 'version'],
    PACKAGES.map((name) => [name, versionOf(name)]),
  )
}

/** Of graphql and Yoga the root's count. */
function versionOf(name: string): string {
  const places = ['graphql', 'graphql-yoga'].includes(name) ? [root] : [bench, root]
  for (const place of places) {
    try {
      return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, place), 'utf8')).version
    } catch {}
  }
  return 'not installed'
}
