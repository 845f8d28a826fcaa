/** Imported before the driver, which ends an older process without a word. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 22 || (major === 22 && minor < 18)) {
  throw new Error(
    `graphql-authx/stores/sqlite needs Node 22.18 or newer, and this is ${process.versions.node}`,
  )
}

export {}
