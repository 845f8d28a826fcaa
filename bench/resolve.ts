import { readFileSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { pathToFileURL } from 'node:url'

const root = new URL('../', import.meta.url)
const { exports } = JSON.parse(readFileSync(new URL('package.json', root), 'utf8'))
const ofRoot = createRequire(new URL('package.json', root))

/** Resolves the package's own name to what was built of it, and `graphql` to the one of the root, whoever asks: two of them would not know each other's schemas. */
registerHooks({
  resolve(specifier, context, next) {
    const [, path] = /^graphql-authx(\/.+)?$/.exec(specifier) ?? []
    if (/^graphql-authx(\/|$)/.test(specifier)) {
      return next(new URL(exports[`.${path ?? ''}`].default, root).href, context)
    }
    if (/^graphql(\/|$)/.test(specifier)) {
      return {
        url: pathToFileURL(ofRoot.resolve(`./node_modules/${specifier}`)).href,
        format: 'commonjs',
        shortCircuit: true,
      }
    }
    return next(specifier, context)
  },
})
