import {
  type ConstDirectiveNode,
  type DocumentNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
  print,
  visit,
} from 'graphql'

/** What is put on types and fields, now and then. */
const RULES = ['@auth', '@auth(scopes: ["read"])', '@auth(fresh: true)', '@auth(optional: true)']

/** Which of them only fields can bear. */
const FIELD_RULES = [...RULES, '@optionalToken']

/** How often a rule is put on an object type, on a field, and on an argument or an input field. */
export interface Chances {
  readonly types: number
  readonly fields: number
  readonly values: number
}

/** A schema's SDL with rules here and there, the same for the same seed. */
export function annotate(
  document: DocumentNode,
  seed: number,
  { types, fields, values }: Chances = { types: 0.1, fields: 0.1, values: 0.02 },
): DocumentNode {
  const random = mulberry32(seed)
  const maybe = (chance: number, rules: readonly string[]): readonly ConstDirectiveNode[] =>
    random() < chance ? directives(rules[Math.floor(random() * rules.length)] ?? '@auth') : []
  const defaulted = typesWithDefaults(document)
  return visit(document, {
    ObjectTypeDefinition: (node) => ({
      ...node,
      directives: [...(node.directives ?? []), ...maybe(types, RULES)],
    }),
    FieldDefinition: (node) => ({
      ...node,
      directives: [...(node.directives ?? []), ...maybe(fields, FIELD_RULES)],
    }),
    // A default would supply what its type's rules guard, which is refused.
    InputObjectTypeDefinition: (node) => (defaulted.has(node.name.value) ? false : undefined),
    InputValueDefinition: (node) =>
      node.defaultValue === undefined
        ? { ...node, directives: [...(node.directives ?? []), ...maybe(values, RULES)] }
        : undefined,
    DirectiveDefinition: () => false,
  })
}

/** The types of arguments and input fields that have a default value. */
function typesWithDefaults(document: DocumentNode): ReadonlySet<string> {
  const found = new Set<string>()
  visit(document, {
    InputValueDefinition({ type, defaultValue }) {
      if (defaultValue !== undefined) found.add(print(type).replaceAll(/[[\]!]/g, ''))
    },
  })
  return found
}

function directives(sdl: string): readonly ConstDirectiveNode[] {
  const [type] = parse(`type T ${sdl} { a: Int }`).definitions as [ObjectTypeDefinitionNode]
  return type.kind === Kind.OBJECT_TYPE_DEFINITION ? (type.directives ?? []) : []
}

/** A small generator of numbers between 0 and 1, the same for the same seed. */
function mulberry32(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
