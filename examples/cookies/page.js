// What a page does when its tokens are in cookies: it shows the readable value again in a header, refreshes once when the access token is over, and goes
// back to the login when that is refused.

/** The value that only pages of this origin can read. Without the prefix, which development goes without, a neighbouring host could have set it as well. */
function csrfToken() {
  return cookie('__Host-csrf_token') ?? cookie('csrf_token') ?? ''
}

function cookie(name) {
  const pair = document.cookie.split('; ').find((one) => one.startsWith(`${name}=`))
  return pair?.slice(name.length + 1)
}

async function send(query, variables) {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-csrf-token': csrfToken() },
    body: JSON.stringify({ query, variables }),
  })
  return response.json()
}

let refreshing

/** One refresh for all that wait. Other tabs may refresh at the same time: within ten seconds they get the same tokens. */
function refresh() {
  refreshing ??= send('mutation { refresh { expiresIn } }').finally(() => {
    refreshing = undefined
  })
  return refreshing
}

/** An access token that is over has left the browser with its cookie. */
const OVER = new Set(['TOKEN_EXPIRED', 'TOKEN_MISSING'])

/** One field, without an alias or a fragment. What does not look like that is taken for a mutation of several. */
const MUTATION_OF_ONE_FIELD = /^mutation\s*(\([^)]*\)\s*)?\{\s*\w+\s*(\([^)]*\)\s*)?(\{[^{}]*\}\s*)?\}$/

/**
 * Whether nothing of what was refused has changed anything. The fields of a mutation run one after the other, and those before the one that was refused
 * have run, as has the one around it.
 */
function hasRunNothing(query, errors) {
  if (/^\s*(\{|query\b)/.test(query)) return true
  return MUTATION_OF_ONE_FIELD.test(query.trim()) && errors.every(({ path = [] }) => path.length <= 1)
}

async function ask(query, variables) {
  const answer = await send(query, variables)
  if (!answer.errors?.some(({ extensions }) => OVER.has(extensions?.reason))) return answer
  const refreshed = await refresh()
  return refreshed.errors || !hasRunNothing(query, answer.errors) ? answer : send(query, variables)
}

/** Tells the other tabs. */
const tabs = new BroadcastChannel('session')
tabs.onmessage = () => void show()

async function show() {
  const { data, errors } = await ask('{ likes me }')
  const name = data?.me
  document.querySelector('#who').textContent = name ? `Hello, ${name}` : 'Nobody'
  document.querySelector('#login').hidden = Boolean(name)
  document.querySelector('#inside').hidden = !name
  if (data) document.querySelector('#likes').textContent = data.likes
  document.body.dataset.reason = errors?.[0]?.extensions?.reason ?? ''
}

async function run(query, variables) {
  const { errors } = await ask(query, variables)
  document.body.dataset.last = errors?.[0]?.extensions?.reason ?? 'done'
  await show()
  tabs.postMessage('changed')
}

document.querySelector('#login').addEventListener('submit', (event) => {
  event.preventDefault()
  const { name } = Object.fromEntries(new FormData(event.target))
  void run('mutation ($name: String!) { login(name: $name) { expiresIn } }', { name })
})
document.querySelector('#like').addEventListener('click', () => void run('mutation { like }'))
document.querySelector('#logout').addEventListener('click', () => void run('mutation { logout }'))
document.querySelector('#refresh').addEventListener('click', async () => {
  const { errors } = await refresh()
  document.body.dataset.last = errors?.[0]?.extensions?.reason ?? 'refreshed'
})

await show()
