import { readdirSync, readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import { type GraphQLSchema, Kind, parse } from 'graphql'
import { ConfigurationError } from '../core/configuration-error.ts'
import type { SchemaExtension } from './extension.ts'
import type { ResolverParts } from './resolver-parts.ts'
import { createResolvers } from './resolvers.ts'

const FOLDER = new URL('../../schema/', import.meta.url)
/** Comes with the instance. */
const DIRECTIVES = 'directives.graphql'

/**
 * The server's schema and what extends it, with all rules in force.
 *
 * @throws ConfigurationError where the extension resolves a field of the server's or limits one that is not there, or the schema cannot mean what it says
 */
export function createSchema(parts: ResolverParts, extension?: SchemaExtension): GraphQLSchema {
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.graphql') && name !== DIRECTIVES)
  const typeDefs = files.map((name) => readFileSync(new URL(name, FOLDER), 'utf8'))
  const own = createResolvers(parts)
  if (extension !== undefined) checkExtension(extension, typeDefs)
  const schema = makeExecutableSchema({
    typeDefs: [parts.authx.typeDefs, ...typeDefs, ...(extension === undefined ? [] : [extension.typeDefs])],
    resolvers: [own, ...(extension === undefined ? [] : [extension.resolvers])],
  })
  requireMutations(extension?.once ?? [], schema)
  return parts.authx.protect(schema)
}

/** A name that is misspelt would guard nothing, and nobody would find out. */
function requireMutations(once: readonly string[], schema: GraphQLSchema): void {
  if (!Array.isArray(once)) {
    throw new ConfigurationError('extend: once: must be a list of names of fields of Mutation')
  }
  const fields = schema.getMutationType()?.getFields() ?? {}
  const unknown = once.find((name) => !Object.hasOwn(fields, name))
  if (unknown !== undefined) {
    throw new ConfigurationError(`extend: once: ${JSON.stringify(unknown)} is no field of Mutation`)
  }
}

/** A login that somebody else resolves has none of the server's limits, and nobody would see that. */
function checkExtension(extension: SchemaExtension, typeDefs: readonly string[]): void {
  const { resolvers } = isPlain(extension) ? extension : { resolvers: undefined }
  if (!isPlain(resolvers)) {
    throw new ConfigurationError(
      'extend: must answer with { typeDefs, resolvers }, resolvers being one object of types; a promise is not waited for',
    )
  }
  for (const [type, fields] of fieldsIn(typeDefs)) {
    const added = resolvers[type]
    const taken = isPlain(added) ? Object.keys(added).find((field) => fields.has(field)) : undefined
    if (taken === undefined) continue
    throw new ConfigurationError(
      `extend: ${type}.${taken} is the server's own field; add one of another name`,
    )
  }
}

/** The fields that SDL defines, by type. */
function fieldsIn(typeDefs: readonly string[]): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, Set<string>>()
  for (const definition of typeDefs.flatMap((text) => parse(text).definitions)) {
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.OBJECT_TYPE_EXTENSION)
      continue
    const fields = found.get(definition.name.value) ?? new Set()
    for (const field of definition.fields ?? []) fields.add(field.name.value)
    found.set(definition.name.value, fields)
  }
  return found
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
