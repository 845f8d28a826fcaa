import {
  type ArgumentNode,
  type DirectiveNode,
  type GraphQLDirective,
  type GraphQLInputType,
  getDirectiveValues,
  getNamedType,
  isEnumType,
  Kind,
  type NameNode,
  print,
  type ValueNode,
} from 'graphql'
import type { TokenType } from '../core/claims.ts'
import { ConfigurationError } from '../core/configuration-error.ts'
import { addRequirement, type Requirement } from '../core/requirement.ts'
import { isScope, type ScopeGroups } from '../core/scopes.ts'
import { DIRECTIVE_NAMES, type DirectiveName, directiveNamed } from './directives.ts'

/** What our directives say in one place of a schema. */
export interface Annotation {
  readonly auth?: Requirement
  readonly optionalToken?: TokenType
  /** Whether `@public` stands there. */
  readonly isPublic?: true
}

/** An element of a schema, as far as directives can stand on it: from SDL, from `extend`, or from code through `extensions.directives`. */
export interface Annotated {
  readonly astNode?: { readonly directives?: readonly DirectiveNode[] | undefined } | null | undefined
  readonly extensionASTNodes?:
    | readonly { readonly directives?: readonly DirectiveNode[] | undefined }[]
    | null
  readonly extensions?: Readonly<Record<string, unknown>> | null | undefined
}

type Arguments = Readonly<Record<string, unknown>>

/**
 * Reads our directives where they stand.
 *
 * @throws ConfigurationError naming the coordinate, where a directive cannot mean what it says
 */
export function readAnnotation(element: Annotated, coordinate: string): Annotation {
  if (isBare(element)) return {}
  const auth = argumentsOf('auth', element, coordinate).map((args) => readAuth(args, coordinate))
  const optional = argumentsOf('optionalToken', element, coordinate).map((args) => readType(args))
  const [type] = optional
  if (optional.some((other) => other !== type)) {
    throw new ConfigurationError(
      `${coordinate}: two @optionalToken ask for different types of token; keep one`,
    )
  }
  return {
    ...(auth.length > 0 ? { auth: auth.reduce((one, other) => combine(one, other, coordinate)) } : {}),
    ...(type !== undefined ? { optionalToken: type } : {}),
    ...(argumentsOf('public', element, coordinate).length > 0 ? { isPublic: true } : {}),
  }
}

/** Which of our directives stand on an element, whatever they say. */
export function directivesOn(element: Annotated, coordinate: string): DirectiveName[] {
  if (isBare(element)) return []
  return DIRECTIVE_NAMES.filter((name) => argumentsOf(name, element, coordinate).length > 0)
}

/** Whether no directive stands there at all: so it is in most places of a large schema. */
function isBare({ astNode, extensionASTNodes, extensions }: Annotated): boolean {
  if ((astNode?.directives?.length ?? 0) > 0 || (extensionASTNodes?.length ?? 0) > 0) return false
  return extensions?.directives === undefined || extensions.directives === null
}

/** Adds two rules of one field up, or says why no token could ever satisfy both. */
export function combine(one: Requirement, other: Requirement, coordinate: string): Requirement {
  if (one.type !== other.type) {
    throw new ConfigurationError(
      `${coordinate}: @auth(type: ACCESS) and @auth(type: REFRESH) meet here, and no token is both; ` +
        'look at the field, its type and its interfaces, and keep one',
    )
  }
  const sum = addRequirement(one, other)
  checkRefresh(sum, coordinate)
  return sum
}

function argumentsOf(name: DirectiveName, element: Annotated, coordinate: string): Arguments[] {
  const directive = directiveNamed(name)
  const nodes = [element.astNode, ...(element.extensionASTNodes ?? [])].flatMap(
    (node) => node?.directives ?? [],
  )
  const fromSdl = nodes.filter((node) => node.name.value === name)
  return [
    ...fromSdl.map((node) => readNode(directive, node, coordinate)),
    ...inExtensions(name, element, coordinate).map((args) => coerce(directive, args, coordinate)),
  ]
}

function readNode(directive: GraphQLDirective, node: DirectiveNode, coordinate: string): Arguments {
  for (const argument of node.arguments ?? []) checkKnown(directive, argument.name.value, coordinate)
  const values = valuesOf(directive, node)
  if (values !== undefined) return values
  const alone = (argument: ArgumentNode) => valuesOf(directive, { ...node, arguments: [argument] })
  const culprit = node.arguments?.find((argument) => alone(argument) === undefined)
  const isTyped = culprit?.name.value === 'type'
  const takes = directive.args.map(({ name, type }) => `${name}: ${type}`).join(', ')
  throw new ConfigurationError(
    `${coordinate}: @${directive.name} cannot be read: ${culprit === undefined ? 'an argument' : print(culprit)} has the wrong type; it takes (${takes})${isTyped ? ', where TokenType is ACCESS or REFRESH' : ''}`,
  )
}

function valuesOf(directive: GraphQLDirective, node: DirectiveNode): Arguments | undefined {
  try {
    return getDirectiveValues(directive, { directives: [node] })
  } catch {
    return undefined
  }
}

/** `extensions.directives` is either `{ auth: args | [args] }` or `[{ name: 'auth', args }]`, as graphql-tools reads it. */
function inExtensions(name: DirectiveName, element: Annotated, coordinate: string): object[] {
  const directives = element.extensions?.directives
  if (directives === undefined || directives === null) return []
  const list = Array.isArray(directives) ? argsNamed(name, directives) : argsUnder(name, directives)
  if (list?.every(isPlain)) return list as object[]
  throw new ConfigurationError(
    `${coordinate}: extensions.directives must be { ${name}: { … } } or [{ name: '${name}', args: { … } }], all plain objects`,
  )
}

function argsNamed(name: DirectiveName, directives: readonly unknown[]): unknown[] | undefined {
  const ours = directives.filter((one) => (one as { name?: unknown } | null)?.name === name)
  // A key that is not known may be meant for the arguments, and then the rule would ask for less than it says.
  const isKnown = (one: unknown) =>
    isPlain(one) && Object.keys(one).every((key) => key === 'name' || key === 'args')
  if (!ours.every(isKnown)) return undefined
  return ours.map((one) => (one as { args?: unknown }).args ?? {})
}

function argsUnder(name: DirectiveName, directives: unknown): unknown[] | undefined {
  if (!isPlain(directives)) return undefined
  if (!Object.hasOwn(directives, name)) return []
  const args = directives[name]
  return Array.isArray(args) ? args : [args]
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** Arguments from code become a directive as it would stand in SDL, so that there is one way to read both. */
function coerce(directive: GraphQLDirective, args: object, coordinate: string): Arguments {
  const nodes = Object.entries(args).map(([name, value]): ArgumentNode => {
    const type = directive.args.find((known) => known.name === name)?.type
    return { kind: Kind.ARGUMENT, name: nameNode(name), value: literal(value, type) }
  })
  return readNode(
    directive,
    { kind: Kind.DIRECTIVE, name: nameNode(directive.name), arguments: nodes },
    coordinate,
  )
}

function nameNode(value: string): NameNode {
  return { kind: Kind.NAME, value }
}

/** A value as it would be written in SDL. What cannot be written is the name of no enum value, so no argument takes it. */
function literal(value: unknown, type: GraphQLInputType | undefined): ValueNode {
  if (Array.isArray(value)) return { kind: Kind.LIST, values: value.map((one) => literal(one, type)) }
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value }
  if (value === null) return { kind: Kind.NULL }
  if (typeof value === 'number') {
    return { kind: Number.isInteger(value) ? Kind.INT : Kind.FLOAT, value: String(value) }
  }
  if (typeof value !== 'string') return { kind: Kind.ENUM, value: typeof value }
  return { kind: isEnumType(getNamedType(type)) ? Kind.ENUM : Kind.STRING, value }
}

function checkKnown(directive: GraphQLDirective, name: string, coordinate: string): void {
  if (directive.args.some((known) => known.name === name)) return
  const known = directive.args.map((one) => one.name).join(', ')
  throw new ConfigurationError(`${coordinate}: @${directive.name} has no argument "${name}"; it has ${known}`)
}

function readAuth(args: Arguments, coordinate: string): Requirement {
  const requirement = {
    type: readType(args),
    fresh: args.fresh === true,
    scopes: args.scopes === undefined ? [] : [groupsOf(args.scopes)],
    optional: args.optional === true,
  }
  for (const groups of requirement.scopes) {
    if (groups.length === 0 || groups.some((group) => group.length === 0)) {
      throw new ConfigurationError(
        `${coordinate}: @auth(scopes:) has an empty list, which asks for nothing; leave it out`,
      )
    }
    if (!groups.flat().every(isScope)) {
      throw new ConfigurationError(
        `${coordinate}: @auth(scopes:) names a scope that is empty or has a space, a quote or a backslash; one scope, one text`,
      )
    }
  }
  checkRefresh(requirement, coordinate)
  return requirement
}

/** Frozen, and of its own: the annotation it comes from is the app's. */
function groupsOf(given: unknown): ScopeGroups {
  const groups = (given ?? []) as string[][]
  return Object.freeze(groups.map((group) => Object.freeze([...group])))
}

function checkRefresh({ type, fresh, scopes }: Requirement, coordinate: string): void {
  if (type !== 'refresh' || (!fresh && scopes.length === 0)) return
  throw new ConfigurationError(
    `${coordinate}: @auth(type: REFRESH) cannot go with ${fresh ? 'fresh' : 'scopes'}; a refresh token only buys the next pair`,
  )
}

function readType(args: Arguments): TokenType {
  return args.type === 'REFRESH' ? 'refresh' : 'access'
}
