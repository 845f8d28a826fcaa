import type { GraphiQLOptions } from 'graphql-yoga'
import type { ServerSettings } from './settings.ts'

/** What the second step says, and the header it is about. */
interface Step {
  readonly says: string
  readonly headers: Readonly<Record<string, string>>
}

const BY_HEADER: Step = {
  says: `# 2. Profile, with the accessToken from the
#    answer put behind "Bearer " in "Headers".`,
  headers: { Authorization: 'Bearer ' },
}

const BY_COOKIE: Step = {
  says: `# 2. Profile, with the csrfToken from the
#    answer put into "Headers". The tokens are
#    in cookies, and go along by themselves.`,
  headers: { 'X-CSRF-TOKEN': '' },
}

const walkthrough = ({ says }: Step): string => `# Welcome to graphql-authx.
#
# Put the cursor into an operation and press
# Ctrl-Enter to run it. In this order:
#
# 1. Login, with the password that the server
#    printed when it made the demo user, put
#    into "Variables" below.
${says}
# 3. Logout, then Profile again: the token is
#    refused, at once.

mutation Login($username: String!, $password: String!) {
  login(username: $username, password: $password) {
    accessToken
    refreshToken
    csrfToken
    expiresIn
  }
}

query Profile {
  profile
  me {
    username
  }
}

mutation Logout {
  logout
}
`

const ANYBODY = `# This field takes any token, or none, and says
# what it was given. Nothing is checked.

query TokenOptional {
  tokenOptional
}
`

/** GraphiQL, whole in one page: it loads nothing from anywhere but this server. */
export function graphiqlOptions({ demoUser, locations }: Pick<ServerSettings, 'demoUser' | 'locations'>): {
  graphiql: GraphiQLOptions
  renderGraphiQL: typeof render
} {
  const step = locations.access.includes('headers') ? BY_HEADER : BY_COOKIE
  const headers = JSON.stringify(step.headers, null, 2)
  const variables = JSON.stringify({ username: demoUser, password: '' }, null, 2)
  const graphiql: GraphiQLOptions & { readonly variables: string } = {
    title: 'graphql-authx',
    defaultTabs: [
      { query: walkthrough(step), variables, headers },
      { query: ANYBODY, headers },
    ],
    // The first tab's editors are filled from these two, not from the tab.
    headers,
    variables,
    subscriptionsProtocol: 'WS',
    // A token that stays in the browser's storage is one that somebody else can find.
    shouldPersistHeaders: false,
  }
  return { renderGraphiQL: render, graphiql }
}

/** Nine megabytes, loaded when somebody looks for the first time: at most servers nobody ever does. */
async function render(options: GraphiQLOptions): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  return renderGraphiQL(options)
}
