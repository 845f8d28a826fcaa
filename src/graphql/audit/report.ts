import { type GraphQLInputObjectType, type GraphQLSchema, isInputObjectType } from 'graphql'
import type { Requirement } from '../../core/requirement.ts'
import type { DefaultPolicy } from '../../core/settings.ts'
import { type Annotation, readAnnotation } from '../annotations.ts'
import { checkDefinitions } from '../directives.ts'
import { type CompiledField, compiledFields, type Source } from '../policy.ts'
import type { AuditEntry, AuditReport, AuditSource, Effect } from './entry.ts'
import { byCoordinate, waysTo } from './reach.ts'
import { guardedTypesReturned, warningsOf } from './warnings.ts'
import { asWritten, effectOf, inWords, valueInWords } from './wording.ts'

export interface AuditOptions {
  readonly defaultPolicy: DefaultPolicy
  /** Told now and then how many of the schema's types are done. */
  readonly progress?: (done: number, total: number) => void
}

/**
 * Says for every coordinate of a schema what `protect` makes of it.
 *
 * @throws ConfigurationError as `protect` does, where the schema cannot mean what it says
 */
export function audit(schema: GraphQLSchema, { defaultPolicy, progress }: AuditOptions): AuditReport {
  checkDefinitions(schema)
  const fields = readFields(schema, defaultPolicy, progress)
  const open = fields.filter(({ effect }) => effect !== 'guarded')
  const ways = waysTo(
    schema,
    open.flatMap(({ coordinate, type: owner, above: [own] }) =>
      own === undefined ? [] : [{ coordinate, owner, type: own.field.type }],
    ),
  )
  const entries = fields.flatMap((field) => [
    entryOf(field, field.effect === 'guarded' ? null : (ways.get(field.type.name) ?? null)),
    ...argumentsOf(field),
  ])
  const inputs = Object.values(schema.getTypeMap()).filter(isInputObjectType).flatMap(inputFieldsOf)
  const sorted = [...entries, ...inputs].sort(byCoordinate)
  return {
    defaultPolicy,
    entries: sorted,
    warnings: warningsOf(schema, sorted),
    notes: guardedTypesReturned(schema, sorted),
  }
}

interface ReadField extends CompiledField {
  readonly coordinate: string
  readonly effect: Effect
  readonly sourcesRead: readonly AuditSource[]
}

function readFields(
  schema: GraphQLSchema,
  defaultPolicy: DefaultPolicy,
  progress: AuditOptions['progress'],
): ReadField[] {
  const total = Object.keys(schema.getTypeMap()).length
  const seen = new Set<string>()
  const byDefault = defaultPolicy === 'protected' ? [{ at: 'default policy', says: defaultPolicy }] : []
  return Array.from(compiledFields(schema, defaultPolicy), (field) => {
    const { type, name, rule, isDeclared } = field
    if (!seen.has(type.name)) progress?.(seen.add(type.name).size, total)
    return {
      ...field,
      coordinate: `${type.name}.${name}`,
      effect: effectOf(rule),
      sourcesRead: isDeclared ? readSources(field.sources()) : byDefault,
    }
  })
}

function entryOf(
  { coordinate, effect, rule, isDeclared, sourcesRead }: ReadField,
  path: AuditEntry['path'],
): AuditEntry {
  return { coordinate, kind: 'field', effect, rule: inWords(rule, isDeclared), sources: sourcesRead, path }
}

function argumentsOf({ coordinate, rule, above }: ReadField): AuditEntry[] {
  return Object.entries(rule?.inputs?.args ?? {}).flatMap(([name, { requirement }]) => {
    if (requirement === undefined) return []
    const sources = above.flatMap((one) => {
      const argument = one.field.args.find((each) => each.name === name)
      const at = `${one.coordinate}(${name}:)`
      return argument === undefined ? [] : [{ coordinate: at, annotation: readAnnotation(argument, at) }]
    })
    return [valueEntry(`${coordinate}(${name}:)`, 'argument', requirement, sources)]
  })
}

function inputFieldsOf(type: GraphQLInputObjectType): AuditEntry[] {
  return Object.values(type.getFields()).flatMap((field) => {
    const coordinate = `${type.name}.${field.name}`
    const annotation: Annotation = readAnnotation(field, coordinate)
    if (annotation.auth === undefined) return []
    return [valueEntry(coordinate, 'input field', annotation.auth, [{ coordinate, annotation }])]
  })
}

function valueEntry(
  coordinate: string,
  kind: 'argument' | 'input field',
  requirement: Requirement,
  sources: readonly Source[],
): AuditEntry {
  const effect = requirement.optional ? 'optional' : 'guarded'
  const rule = valueInWords(requirement)
  return { coordinate, kind, effect, rule, sources: readSources(sources), path: null }
}

function readSources(sources: readonly Source[]): AuditSource[] {
  return sources.flatMap(({ coordinate, annotation }) => {
    const says = asWritten(annotation)
    return says === undefined ? [] : [{ at: coordinate, says }]
  })
}
