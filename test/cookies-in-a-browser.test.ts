import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { resolve } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { type Browser, openBrowser, SKIP_BROWSER } from './harness/chromium.ts'
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

/** A page of another origin on the same host, which browsers call the same site: SameSite does not keep cookies from it. */
async function startOther(): Promise<AsyncDisposable & { readonly origin: string }> {
  const http = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>Other</title>')
  })
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  return {
    origin: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
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

  it('a page of another origin gets nothing through: no form, image, script or window', async () => {
    await using server = await startExample()
    await using other = await startOther()
    await using browser = await openBrowser('http://127.0.0.1:')
    const victim = await open(browser, server.origin)
    await victim.waitForSelector('#login:not([hidden])')
    await login(victim)
    const sent: string[] = []
    browser.context.on('request', (request) => {
      if (request.url().startsWith(`${server.origin}/graphql`))
        sent.push(`${request.method()} ${request.resourceType()}`)
    })
    const answered: string[] = []
    browser.context.on('response', (response) => {
      if (!response.url().startsWith(`${server.origin}/graphql`)) return
      answered.push(`${response.status()} ${response.headers()['content-type'] ?? 'nothing'}`)
    })
    const attacker = await open(browser, other.origin)
    const read = await attacker.evaluate(attack, `${server.origin}/graphql`)
    expect(read).toEqual([])
    // Every one was tried, and none was answered with data: what a frame shows is GraphiQL, which has run nothing. A fetch that has to ask first gets no
    // further than asking.
    expect(sent.length).toBeGreaterThanOrEqual(10)
    expect(answered.filter((answer) => answer.startsWith('200') && !answer.includes('text/html'))).toEqual([])

    await victim.click('#like')
    await victim.waitForFunction(() => document.body.dataset.last === 'done')
    await victim.waitForFunction(() => document.querySelector('#likes')?.textContent !== '0')
    expect(await victim.textContent('#likes')).toBe('1')
    expect(await victim.textContent('#who')).toBe('Hello, ada')
  })
})

/** Runs in the page of another origin; what it could read of any answer. */
async function attack(url: string): Promise<string[]> {
  const mutations = ['mutation { like }', 'mutation { logout }']
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
