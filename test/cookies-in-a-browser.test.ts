import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { type Browser, openBrowser, SKIP_BROWSER } from './harness/chromium.ts'
import { startWithCookies } from './harness/cookies.ts'
import { bareEnvironment } from './harness/server.ts'

/** The example, as a user starts it. */
async function startExample(): Promise<AsyncDisposable & { readonly origin: string }> {
  const child: ChildProcess = spawn(process.execPath, [resolve('examples/cookies/server.ts')], {
    env: bareEnvironment({ PORT: '0' }),
  })
  const [line] = (await once(child.stdout as NodeJS.ReadableStream, 'data')) as [Buffer]
  return {
    origin: new URL(line.toString().trim()).origin,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/** A page of another origin. Browsers call one on the same host the same site, whatever its port, and SameSite does not keep cookies from it. */
async function startOther(host: string): Promise<AsyncDisposable & { readonly origin: string }> {
  const http = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Other</title>')
  })
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  return {
    origin: `http://${host}:${(http.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      http.closeAllConnections()
      await new Promise((closed) => http.close(closed))
    },
  }
}

async function open(browser: Browser, url: string): Promise<Page> {
  const page = await browser.context.newPage()
  page.setDefaultTimeout(120_000)
  await page.goto(url)
  return page
}

async function login(page: Page): Promise<void> {
  await page.fill('[name=name]', 'ada')
  await page.click('text=Log in')
  await page.waitForSelector('#inside:not([hidden])')
}

describe.skipIf(SKIP_BROWSER)('cookies in Chromium', { timeout: 300_000 }, () => {
  it('two tabs refresh at once, one logs out, and the other is out too', async () => {
    await using server = await startExample()
    await using browser = await openBrowser(server.origin)
    const one = await open(browser, server.origin)
    await one.waitForSelector('#login:not([hidden])')
    await login(one)
    const cookies = await browser.context.cookies()
    expect(
      cookies.map(({ name, httpOnly, secure, sameSite, path }) => [name, httpOnly, secure, sameSite, path]),
    ).toEqual([
      ['__Host-access_token', true, true, 'Lax', '/'],
      ['__Host-refresh_token', true, true, 'Lax', '/'],
      ['__Host-csrf_token', false, true, 'Lax', '/'],
    ])
    expect(await one.evaluate(() => document.cookie)).toMatch(/^__Host-csrf_token=[\w-]{22}$/)

    const two = await open(browser, server.origin)
    await two.waitForSelector('#inside:not([hidden])')
    const all = async (state: string): Promise<void> => {
      await Promise.all(
        [one, two].map((page) =>
          page.waitForFunction((expected) => document.body.dataset.last === expected, state),
        ),
      )
    }
    await one.evaluate(() => delete document.body.dataset.last)
    await Promise.all([one.click('#refresh'), two.click('#refresh')])
    await all('refreshed')
    await Promise.all([one, two].map((page) => page.click('#like')))
    await all('done')
    await one.reload()
    await one.waitForSelector('#inside:not([hidden])')
    expect(await one.textContent('#likes')).toBe('2')

    await one.click('#logout')
    await Promise.all([one, two].map((page) => page.waitForSelector('#login:not([hidden])')))
    expect(await browser.context.cookies()).toEqual([])
    expect(await two.evaluate(() => document.body.dataset.reason)).toBe('TOKEN_MISSING')
    // And so is whoever kept a copy of the cookies.
    await browser.context.addCookies(cookies)
    await two.reload()
    await two.waitForSelector('#login:not([hidden])')
    expect(await two.evaluate(() => document.body.dataset.reason)).toBe('TOKEN_REVOKED')
  })

  // Yoga's own CORS lets every origin ask and read, with cookies: what is told here holds all the same.
  it.each([
    ['of the same site, to which browsers send cookies along', '127.0.0.1'],
    ['of another site', 'localhost'],
  ])('a page of another origin %s gets nothing through', async (_, host) => {
    await using server = await startWithCookies()
    await using other = await startOther(host)
    await using browser = await openBrowser('http://')
    const { origin } = new URL(server.url)
    const victim = await open(browser, `${origin}/health`)
    const asVictim = (query: string) => victim.evaluate(ask, query)
    await asVictim('mutation { login { csrfToken } }')
    const cookies = await browser.context.cookies()
    const answered: string[] = []
    browser.context.on('response', (response) => {
      if (!response.url().startsWith(server.url) || response.request().method() === 'OPTIONS') return
      answered.push(`${response.status()} ${response.request().method()}`)
    })
    const attacker = await open(browser, other.origin)
    const read = await attacker.evaluate(attack, server.url)
    expect(read.filter((text) => !text.includes('A page of this origin may not ask'))).toEqual([])
    for (const mutation of ['login { csrfToken }', 'logout']) {
      for (const enctype of ['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain']) {
        const page = await open(browser, other.origin)
        await Promise.all([
          page.waitForURL(`${server.url}**`),
          page.evaluate(submitAsPage, [server.url, enctype, `mutation { ${mutation} }`] as const),
        ])
        await page.close()
      }
    }
    // Every one was tried, and none was let through.
    expect(answered.length).toBeGreaterThanOrEqual(20)
    expect(answered.filter((answer) => answer.startsWith('2'))).toEqual([])
    expect(await browser.context.cookies()).toEqual(cookies)
    expect(server.changes()).toBe(0)
    expect(await asVictim('mutation { change }')).toEqual({ change: 'answer' })
    expect(server.changes()).toBe(1)
  })
})

/** Runs in the victim's page. */
async function ask(query: string): Promise<unknown> {
  const value = /csrf_token=([^;]*)/.exec(document.cookie)?.[1] ?? ''
  const headers = { 'content-type': 'application/json', 'x-csrf-token': value }
  const response = await fetch('/graphql', { method: 'POST', headers, body: JSON.stringify({ query }) })
  return (await response.json()).data
}

/** Runs in the page of another origin: the page itself goes where its form goes. */
function submitAsPage([url, enctype, query]: readonly [string, string, string]): void {
  const form = Object.assign(document.createElement('form'), { action: url, method: 'POST', enctype })
  const isText = enctype === 'text/plain'
  const name = isText ? `{"query":"${query}","x":"` : enctype.startsWith('multipart') ? 'operations' : 'query'
  const value = isText ? '"}' : name === 'operations' ? JSON.stringify({ query }) : query
  form.append(Object.assign(document.createElement('input'), { name, value }))
  document.body.append(form)
  form.submit()
}

/** Runs in the page of another origin; what it could read of any answer. */
async function attack(url: string): Promise<string[]> {
  const mutations = ['mutation { change }', 'mutation { logout }', 'mutation { login { csrfToken } }']
  const read: string[] = []
  const frame = async (build: (name: string) => void): Promise<void> => {
    const iframe = document.createElement('iframe')
    iframe.name = `frame${Math.random()}`
    document.body.append(iframe)
    const loaded = new Promise((resolve) => iframe.addEventListener('load', resolve))
    build(iframe.name)
    await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 2000))])
    try {
      if (iframe.contentDocument?.body.textContent) read.push(iframe.contentDocument.body.textContent)
    } catch {
      // Another origin's, as it should be.
    }
  }
  const submit = (enctype: string, method: string, name: string, value: string): Promise<void> =>
    frame((target) => {
      const form = Object.assign(document.createElement('form'), { action: url, method, enctype, target })
      const input = Object.assign(document.createElement('input'), { name, value })
      form.append(input)
      document.body.append(form)
      form.submit()
    })
  for (const query of mutations) {
    await submit('application/x-www-form-urlencoded', 'POST', 'query', query)
    await submit('multipart/form-data', 'POST', 'operations', JSON.stringify({ query }))
    await submit('text/plain', 'POST', `{"query":"${query}","x":"`, '"}')
    await submit('', 'GET', 'query', query)
    const image = new Image()
    const failed = new Promise((resolve) => {
      image.onerror = resolve
      image.onload = resolve
    })
    image.src = `${url}?query=${encodeURIComponent(query)}`
    await failed
    for (const init of [
      { mode: 'no-cors', headers: { 'content-type': 'text/plain' } },
      { mode: 'cors', headers: { 'content-type': 'application/json' } },
      { mode: 'cors', headers: { 'content-type': 'application/json', 'x-csrf-token': 'guess' } },
    ] as const) {
      try {
        const response = await fetch(url, {
          ...init,
          method: 'POST',
          credentials: 'include',
          body: JSON.stringify({ query }),
        })
        const text = await response.text()
        if (text !== '') read.push(text)
      } catch {
        // Not allowed to ask, or to read.
      }
    }
    navigator.sendBeacon(url, JSON.stringify({ query }))
  }
  for (const mode of ['no-cors', 'cors'] as const) {
    try {
      const response = await fetch(`${url}?query=${encodeURIComponent('{ me }')}`, {
        mode,
        credentials: 'include',
      })
      const text = await response.text()
      if (text !== '') read.push(text)
    } catch {
      // Not allowed to read.
    }
  }
  return read
}
