import { readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const root = new URL('../../', import.meta.url)
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))

/** Resolves the package's own name to its sources: what a reader imports, before it is built. */
registerHooks({
  resolve(specifier, context, next) {
    const [, path] = /^graphql-authx(\/.+)?$/.exec(specifier) ?? [undefined, undefined]
    if (!specifier.startsWith('graphql-authx')) return next(specifier, context)
    const built: string = exports[`.${path ?? ''}`].default
    return next(new URL(built.replace('./dist/', 'src/').replace(/\.js$/, '.ts'), root).href, context)
  },
})
