import { mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import { openBrowser, SKIP_BROWSER } from '../harness/chromium.ts'
import { startServerProcess } from '../harness/server.ts'

/** Where the pictures go, for whoever wants to look. */
const PICTURES = process.env.SCREENSHOTS ?? join(tmpdir(), 'graphql-authx-screenshots')

describe.skipIf(SKIP_BROWSER)('GraphiQL in Chromium, with no network but the server', () => {
  it('walks through login, profile and logout in its first tab', { timeout: 600_000 }, async () => {
    await using server = await startServerProcess()
    await using browser = await openBrowser(server.url)
    mkdirSync(PICTURES, { recursive: true })
    const page = await browser.context.newPage()
    // Nine megabytes of page take a while on a machine that is busy.
    page.setDefaultTimeout(240_000)
    await page.goto(`${server.url}/graphql`)
    await page.waitForSelector('.graphiql-execute-button')
    await page.screenshot({ path: join(PICTURES, 'opened.png') })

    await fill(page, 'variables.json', JSON.stringify({ username: 'demo', password: server.password }))
    const { login } = (await run(page, 'Login')).data
    expect(login.expiresIn).toBe(900)

    await page.getByRole('button', { name: 'Headers' }).click()
    await fill(page, 'request-headers.json', JSON.stringify({ Authorization: `Bearer ${login.accessToken}` }))
    expect((await run(page, 'Profile')).data).toEqual({
      profile: 'You are authenticated',
      me: { username: 'demo' },
    })
    await page.screenshot({ path: join(PICTURES, 'profile.png') })

    expect((await run(page, 'Logout')).data).toEqual({ logout: true })
    expect((await run(page, 'Profile')).errors[0].extensions.reason).toBe('TOKEN_REVOKED')
    await page.screenshot({ path: join(PICTURES, 'refused.png') })

    await page.getByRole('button', { name: 'TokenOptional' }).click()
    // A tab with several operations opens a menu instead; the button is this tab's once it no longer does.
    await page.waitForSelector('.graphiql-execute-button:not([aria-haspopup])')
    const answered = page.waitForResponse(
      (response) => response.request().postData()?.includes('tokenOptional') === true,
    )
    await page.getByRole('button', { name: /Execute query/ }).click()
    expect((await (await answered).json()).data.tokenOptional).toMatch(
      /^Your token is: .* and is located in headers$/,
    )

    await page.getByRole('button', { name: 'Show Documentation Explorer' }).click()
    await page.getByRole('link', { name: 'Query', exact: true }).click()
    await page.getByRole('link', { name: 'profile', exact: true }).click()
    await page.getByText('Needs an access token.').and(page.locator('p:visible')).waitFor()
    await page.screenshot({ path: join(PICTURES, 'documentation.png') })

    expect(browser.foreign).toEqual([])
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain(login.accessToken)
  })

  it('follows a subscription over a WebSocket, and shows why it ended', { timeout: 600_000 }, async () => {
    await using server = await startServerProcess()
    const { accessToken } = await server.login()
    await using browser = await openBrowser(server.url)
    const page = await browser.context.newPage()
    page.setDefaultTimeout(240_000)
    const opened = page.waitForEvent('websocket')
    await page.goto(`${server.url}/graphql`)
    await page.getByRole('button', { name: 'TokenOptional' }).click()
    await page.waitForSelector('.graphiql-execute-button:not([aria-haspopup])')
    await fill(page, 'operation.graphql', 'subscription { sessionEvents { kind } }')
    await page.getByRole('button', { name: 'Headers' }).click()
    await fill(page, 'request-headers.json', JSON.stringify({ Authorization: `Bearer ${accessToken}` }))
    await page.getByRole('button', { name: /Execute query/ }).click()
    await opened
    await expect
      .poll(async () => (await server.login()) && page.locator('.result-window').textContent())
      .toContain('STARTED')
    await page.screenshot({ path: join(PICTURES, 'subscribed.png') })
    await server.query('mutation { logout }', { token: accessToken })
    await page.getByText('TOKEN_REVOKED').waitFor()
    await page.screenshot({ path: join(PICTURES, 'ended.png') })
  })
})

/** Puts text into one of the editors, in place of what is there. */
async function fill(page: Page, editor: string, text: string): Promise<void> {
  await page.locator(`[data-uri$="${editor}"]`).click()
  await page.keyboard.press('Control+a')
  await page.keyboard.insertText(text)
  // The editor closes brackets and quotes on its own; what it added stands behind the cursor.
  await page.keyboard.press('Control+Shift+End')
  await page.keyboard.press('Delete')
}

/** Runs an operation of the tab by its name and returns the answer that the server sent. */
// biome-ignore lint/suspicious/noExplicitAny: tests read into answers
async function run(page: Page, operation: string): Promise<any> {
  const answered = page.waitForResponse(
    (response) =>
      response.request().postDataJSON()?.operationName === operation && response.url().includes('/graphql'),
  )
  await page.getByRole('button', { name: /Execute query/ }).click()
  await page.getByRole('menuitem', { name: operation }).click()
  return (await answered).json()
}
