import { buildSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { compare, comparisonInWords } from '../../src/cli/audit/comparison.ts'
import { denialInWords, deniedBy } from '../../src/cli/audit/denial.ts'
import { asManifest, manifestOf, readManifest } from '../../src/cli/audit/manifest.ts'
import type { DefaultPolicy } from '../../src/core/settings.ts'
import { audit } from '../../src/graphql/audit/report.ts'
import { directiveTypeDefs } from '../../src/graphql/directives.ts'

const BLOG = `
  type Query { posts(drafts: Boolean @auth): [Post] me: User @auth hint: Int @optionalToken }
  type Mutation { login: Int @public save(post: PostInput): Post @auth(scopes: ["write"]) vote: Int @auth(optional: true) }
  type Post { title: String author: User }
  type User { name: String email: String @auth(scopes: ["pii"]) }
  type Lost { a: Int }
  input PostInput { pinned: Boolean @auth(scopes: ["pin"]) }
`

const reportOf = (sdl: string, defaultPolicy: DefaultPolicy = 'public') =>
  audit(buildSchema(directiveTypeDefs + sdl), { defaultPolicy })

function differences(after: string, before = BLOG, policy: DefaultPolicy = 'public') {
  const text = asManifest(reportOf(before))
  const comparison = compare(readManifest(text, 'authx.manifest'), reportOf(after, policy))
  return comparison && comparisonInWords(comparison, 'graphql-authx audit … --write authx.manifest')
}

const changed = (from: string, to: string) => {
  expect(BLOG).toContain(from)
  return differences(BLOG.replace(from, to))
    ?.replace(/\n\nIf all of that is meant[\s\S]*/, '')
    .split('\n')
}

describe('a manifest', () => {
  test('has a line for each coordinate, sorted', () => {
    expect(asManifest(reportOf(BLOG))).toMatchInlineSnapshot(`
      "# Made by \`graphql-authx audit --write\`, and compared with the schema by \`graphql-authx audit --check\`.
      # Who may have what: public, unverified and optional let callers without a token in; guarded does not.
      default policy  public

      Lost.a  public (out of reach)  nothing says who may have it
      Mutation.login  public  @public
      Mutation.save  guarded  access token with write, rules inside post: PostInput.pinned
      Mutation.vote  optional  no token, or an access token
      Post.author  public  nothing says who may have it
      Post.title  public  nothing says who may have it
      PostInput.pinned  guarded  a value asks for: access token with pin
      Query.hint  unverified  @optionalToken: a token is handed over unchecked
      Query.me  guarded  access token
      Query.posts  public  nothing says who may have it
      Query.posts(drafts:)  guarded  a value asks for: access token
      User.email  guarded  access token with pii
      User.name  public  nothing says who may have it
      "
    `)
  })

  test('is read as it was written, by Windows too', () => {
    const report = reportOf(BLOG)
    for (const text of [asManifest(report), asManifest(report).replaceAll('\n', '\r\n')]) {
      expect(readManifest(text, 'm')).toEqual(manifestOf(report))
    }
  })

  test.each([
    ['', /^m: is no manifest/],
    ['default policy  public\nMutation.a open nothing', /^m:2: this is no line/],
    [
      'default policy  public\nA.a  public  x\nA.a  guarded  y',
      /^m:3: this is no line of a manifest, or its/,
    ],
    ['default policy  public\n<<<<<<< ours', /^m:2/],
    ['default policy  public\ndefault policy  protected', /^m:2/],
  ])('that says something else is refused: %j', (text, message) => {
    expect(() => readManifest(text, 'm')).toThrow(message)
  })
})

describe('a comparison', () => {
  test('finds nothing where nothing changed but the order and the places of rules', () => {
    expect(differences(BLOG)).toBeUndefined()
    const moved = BLOG.replace(
      'type User { name: String email: String @auth(scopes: ["pii"]) }',
      'type User { email: String @auth(scopes: ["pii"]) @auth name: String }',
    )
    expect(differences(moved)).toBeUndefined()
  })

  test('tells of a new mutation that nothing guards, and how to accept it', () => {
    expect(differences(BLOG.replace('login', 'deletePost: Int login'))).toMatchInlineSnapshot(`
      "Callers without a token get more:
      + Mutation.deletePost  public   (new: nothing says who may have it)

      If all of that is meant, write the manifest anew and commit it:
        graphql-authx audit … --write authx.manifest
      "
    `)
  })

  test.each<[string, string, string, string[]]>([
    [
      'a rule taken away',
      'email: String @auth(scopes: ["pii"])',
      'email: String',
      [
        '~ User.email  guarded -> public   (was: access token with pii; now: nothing says who may have it; through Query.posts, Post.author)',
      ],
    ],
    [
      'a rule made optional',
      'me: User @auth',
      'me: User @auth(optional: true)',
      ['~ Query.me  guarded -> optional   (was: access token; now: no token, or an access token)'],
    ],
    [
      'an optional rule taken away',
      'vote: Int @auth(optional: true)',
      'vote: Int',
      [
        '~ Mutation.vote  optional -> public   (was: no token, or an access token; now: nothing says who may have it)',
      ],
    ],
    [
      'a new way to what was out of reach',
      'type Query {',
      'type Query { lost: Lost',
      [
        '~ Lost.a  public (out of reach) -> public   (nothing says who may have it; through Query.lost)',
        '+ Query.lost  public   (new: nothing says who may have it)',
      ],
    ],
    [
      "a value's rule taken away",
      'drafts: Boolean @auth',
      'drafts: Boolean',
      [
        '- Query.posts(drafts:)  guarded   (nothing guards it any more, or it is gone; was: a value asks for: access token)',
      ],
    ],
    [
      "a value's rule made optional",
      'drafts: Boolean @auth',
      'drafts: Boolean @auth(optional: true)',
      [
        '~ Query.posts(drafts:)  guarded -> optional   (was: a value asks for: access token; now: a value asks for: no token, or an access token)',
      ],
    ],
    [
      'a new field below a way',
      'name: String',
      'name: String phone: Int',
      ['+ User.phone  public   (new: nothing says who may have it; through Query.posts, Post.author)'],
    ],
  ])('calls %s an opening', (_, from, to, lines) => {
    expect(changed(from, to)).toEqual(['Callers without a token get more:', ...lines])
  })

  test.each<[string, string, string, string[]]>([
    [
      'a stronger rule',
      'me: User @auth',
      'me: User @auth(fresh: true)',
      ['~ Query.me  guarded   (was: access token; now: fresh access token)'],
    ],
    [
      'a weaker rule that still needs a token',
      'write',
      'vote',
      [
        '~ Mutation.save  guarded   (was: access token with write, rules inside post: PostInput.pinned; now: access token with vote, rules inside post: PostInput.pinned)',
      ],
    ],
    [
      'an argument that takes another type, in which nothing asks',
      'save(post: PostInput)',
      'save(post: String)',
      [
        '~ Mutation.save  guarded   (was: access token with write, rules inside post: PostInput.pinned; now: access token with write)',
      ],
    ],
    [
      'a field that is gone',
      'hint: Int @optionalToken',
      '',
      ['- Query.hint  unverified   (gone; was: @optionalToken: a token is handed over unchecked)'],
    ],
    [
      'a field that is guarded now',
      'login: Int @public',
      'login: Int @auth',
      ['~ Mutation.login  public -> guarded   (was: @public; now: access token)'],
    ],
    [
      'a new guarded field',
      'hint:',
      'mine: Int @auth hint:',
      ['+ Query.mine  guarded   (new: access token)'],
    ],
    [
      'a new field that nobody reaches',
      'a: Int',
      'a: Int b: Int',
      ['+ Lost.b  public (out of reach)   (new: nothing says who may have it)'],
    ],
    [
      'a new guarded value',
      'pinned: Boolean',
      'hidden: Boolean @auth pinned: Boolean',
      [
        '~ Mutation.save  guarded   (was: access token with write, rules inside post: PostInput.pinned; now: access token with write, rules inside post: PostInput.hidden, PostInput.pinned)',
        '+ PostInput.hidden  guarded   (new: a value asks for: access token)',
      ],
    ],
    [
      '@public in place of silence',
      'type Post {',
      'type Post @public {',
      [
        '~ Post.author  public   (was: nothing says who may have it; now: @public)',
        '~ Post.title  public   (was: nothing says who may have it; now: @public)',
      ],
    ],
  ])('calls %s a change', (_, from, to, lines) => {
    expect(changed(from, to)).toEqual(['Otherwise changed:', ...lines])
  })

  test('tells of another default policy first', () => {
    expect(differences(BLOG, BLOG, 'protected')).toMatch(
      /^~ default policy {2}public -> protected\n\nOtherwise changed:\n/,
    )
  })
})

describe('--deny-public', () => {
  const denied = (...patterns: string[]) =>
    deniedBy(patterns, reportOf(BLOG)).map(({ coordinate }) => coordinate)

  test('names the fields that let in callers without a token, by whatever rule', () => {
    expect(denied('Mutation.*')).toEqual(['Mutation.login', 'Mutation.vote'])
    expect(denied('Mutation.*', '!Mutation.login')).toEqual(['Mutation.vote'])
    expect(denied('*.hint', 'Lost.*')).toEqual(['Lost.a', 'Query.hint'])
    expect(denied('Query.me', 'User.email')).toEqual([])
    expect(denialInWords(deniedBy(['Mutation.*'], reportOf(BLOG)))).toMatchInlineSnapshot(`
      "These let in callers without a token, and --deny-public says that none of them may:
        Mutation.login  public   (@public)
        Mutation.vote  optional   (no token, or an access token)
      Put @auth there, or except what is meant: --deny-public '!Type.field'
      "
    `)
  })

  test('takes a dot for a dot', () => {
    expect(() => denied('Quer..me')).toThrow(/Quer\.\.me: names no field/)
  })

  test.each(['Mutations.*', '!Mutation.signIn', 'Mutation.(login)', '', 'PostInput.*'])(
    'refuses a pattern that names nothing: %j',
    (pattern) => {
      expect(() => denied('Mutation.*', pattern)).toThrow(/names no field of this schema/)
    },
  )

  test('refuses exceptions from nothing', () => {
    expect(() => denied('!Mutation.login')).toThrow(/has exceptions alone/)
  })
})
