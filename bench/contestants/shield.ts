import { createRequire } from 'node:module'
import type * as Middleware from 'graphql-middleware'
import type * as Shield from 'graphql-shield'

const require = createRequire(import.meta.url)

// graphql-shield 7.6.5 calls a function that Node took away in version 23, and does not load without; here it gets it back.
Object.assign(require('node:util'), { isUndefined: (value: unknown) => value === undefined })

const { applyMiddleware } = require('graphql-middleware') as typeof Middleware
const { rule, shield } = require('graphql-shield') as typeof Shield

export { applyMiddleware, rule, shield }
