import { buildSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { asHtml } from '../../src/cli/audit/html.ts'
import { asMarkdown } from '../../src/cli/audit/markdown.ts'
import type { NamedReport } from '../../src/cli/audit/named-report.ts'
import { showProgress } from '../../src/cli/audit/progress.ts'
import { asTable } from '../../src/cli/audit/table.ts'
import { audit } from '../../src/graphql/audit/report.ts'
import { directiveTypeDefs } from '../../src/graphql/directives.ts'

const BLOG = `
  interface Node @auth(optional: true) { id: ID }
  type Query { posts(drafts: Boolean @auth): [Post] me: User @auth }
  type Mutation { login: Int @public createUser: User }
  type Post implements Node { id: ID author: User }
  type User @auth(scopes: [["read"], ["admin", "audit"]]) { aRatherLongNameForTheEmailOfAUser: String @auth(scopes: ["pii"]) }
  type Lost { a: Int }
`

function reportOf(sdl: string, files: readonly string[] = ['schema.graphql']): NamedReport {
  return { ...audit(buildSchema(directiveTypeDefs + sdl), { defaultPolicy: 'public' }), files }
}

const table = (width: number) => asTable(reportOf(BLOG), { width, paint: (_, text) => text })

describe('the table', () => {
  test('is one line for each coordinate where nothing limits it', () => {
    expect(table(Number.POSITIVE_INFINITY)).toMatchInlineSnapshot(`
      "schema.graphql (default policy: public)
      4 public, 2 optional, 3 guarded; anyone can reach 5

      Lost.a                                  public      nothing says who may have it; out of reach: no way leads there without a token
      Mutation.createUser                     public      nothing says who may have it
      Mutation.login                          public      @public
      Post.author                             optional    no token, or an access token (Node @auth(optional: true)); through Query.posts
      Post.id                                 optional    no token, or an access token (Node @auth(optional: true)); through Query.posts
      Query.me                                guarded     access token
      Query.posts                             public      nothing says who may have it
      Query.posts(drafts:)                    guarded     a value asks for: access token
      User.aRatherLongNameForTheEmailOfAUser  guarded     access token with pii and with read or (admin and audit) (@auth(scopes: [["pii"]]), User @auth(scopes: [["read"],["admin","audit"]]))

      Warnings
        - Mutation.createUser: it is public and returns User, whose fields are all guarded: its resolver runs for anyone all the same; put @auth on it too

      Notes
        - Open fields that return types whose fields are all guarded: Mutation.createUser, Post.author. Their resolvers run, and a caller without a token learns whether there is something.
      "
    `)
  })

  test.each([120, 80, 72, 40, 30])('fits a terminal of %i columns, and loses no word', (width) => {
    // On a narrow terminal a colon comes after the effect.
    const words = (text: string) => text.replaceAll(':', '').split(/\s+/).toSorted().join(' ').trim()
    const lines = table(width).split('\n')
    expect(lines.filter((line) => line.length > Math.max(width, 40))).toEqual([])
    expect(words(lines.join('\n'))).toBe(words(table(Number.POSITIVE_INFINITY)))
  })

  test('paints the effect alone', () => {
    const painted = asTable(reportOf('type Query { a: Int }'), {
      width: 80,
      paint: (effect, text) => `<${effect}>${text}</>`,
    })
    expect(painted).toContain('Query.a  <public>public    </>  nothing says who may have it')
  })
})

test('Markdown is a table of its own, and signs of scopes mean nothing in it', () => {
  expect(asMarkdown(reportOf(BLOG))).toMatchInlineSnapshot(`
    "# Who may have what

    \`schema.graphql\`, default policy \`public\`: 4 public, 2 optional, 3 guarded; anyone can reach 5.

    ## Warnings

    - \`Mutation.createUser\`: it is public and returns User, whose fields are all guarded: its resolver runs for anyone all the same; put @auth on it too

    ## Notes

    - Open fields that return types whose fields are all guarded: Mutation.createUser, Post.author. Their resolvers run, and a caller without a token learns whether there is something.

    ## Coordinates

    | coordinate | effect | rule | from | anyone gets there |
    |---|---|---|---|---|
    | \`Lost.a\` | public | nothing says who may have it |  | out of reach: no way leads there without a token |
    | \`Mutation.createUser\` | public | nothing says who may have it |  | directly |
    | \`Mutation.login\` | public | @public |  | directly |
    | \`Post.author\` | optional | no token, or an access token | Node @auth(optional: true) | through Query.posts |
    | \`Post.id\` | optional | no token, or an access token | Node @auth(optional: true) | through Query.posts |
    | \`Query.me\` | guarded | access token | @auth |  |
    | \`Query.posts\` | public | nothing says who may have it |  | directly |
    | \`Query.posts(drafts:)\` | guarded | a value asks for: access token | @auth |  |
    | \`User.aRatherLongNameForTheEmailOfAUser\` | guarded | access token with pii and with read or (admin and audit) | @auth(scopes: \\[\\["pii"\\]\\]), User @auth(scopes: \\[\\["read"\\],\\["admin","audit"\\]\\]) |  |
    "
  `)
  const strange = asMarkdown(
    reportOf('type Query { a: Int @auth(scopes: ["a|b<i>*_`[x](y)"]) }', ['odd|`name`.graphql']),
  )
  expect(strange).toContain('a\\|b\\<i\\>\\*\\_\\`\\[x\\](y)')
  expect(strange).toContain('``odd\\|`name`.graphql``')
})

test('HTML has no sign of a scope or of a file name that means something in it', () => {
  const scope = `</script><img/src=x/onerror='alert(1)'>&amp;`
  const page = asHtml(reportOf(`type Query { a: Int @auth(scopes: ["${scope}"]) }`, [`<b>"x".graphql`]))
  expect(page).not.toContain('<img')
  expect(page).not.toContain('<b>')
  expect(page.match(/<\/script>/g)).toHaveLength(1)
  expect(page).toContain('&#60;/script&#62;&#60;img/src=x/onerror=&#39;alert(1)&#39;&#62;&#38;amp;')
})

describe('progress', () => {
  function progress(isTTY: boolean) {
    const written: string[] = []
    let now = 5
    const shown = showProgress({ isTTY, write: (text) => written.push(text) }, () => now)
    const at = (time: number, text: string) => {
      now = 5 + time
      shown.step(text)
    }
    return { written, at, end: () => shown.end() }
  }

  test('is shown on a terminal after a second, ten times a second at most, and goes away', () => {
    const { written, at, end } = progress(true)
    for (const [time, text] of [
      [0, 'a'],
      [0.9, 'b'],
      [1.1, 'c'],
      [1.15, 'd'],
      [1.3, 'e'],
    ] as const)
      at(time, text)
    end()
    expect(written).toEqual(['\r\u001b[Kc', '\r\u001b[Ke', '\r\u001b[K'])
  })

  test('is not shown to a file, nor when all is done within a second', () => {
    const file = progress(false)
    file.at(2, 'a')
    file.end()
    const quick = progress(true)
    quick.at(0.5, 'a')
    quick.end()
    expect([file.written, quick.written]).toEqual([[], []])
  })
})
