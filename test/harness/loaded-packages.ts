import { registerHooks } from 'node:module'

/** For `node --import`: at its end a process names on stderr the packages that it loaded, a line each. */
const packages = new Set<string>()
registerHooks({
  load(url, context, next) {
    const [, name] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? []
    if (name !== undefined) packages.add(name)
    return next(url, context)
  },
})
process.on('exit', () => {
  for (const name of packages) console.error(name)
})
