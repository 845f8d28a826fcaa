import { describe, expect, it } from 'vitest'
import { RIGHT, startApp } from '../harness/app.ts'

describe('/metrics', () => {
  it('OPS-07: tells Prometheus what was counted, and of nobody in particular', async () => {
    await using app = await startApp()
    await app.login('ada', RIGHT)
    await app.login('ada', 'wrong')
    await app.send({ query: '{ profile }' })
    const response = await fetch(new URL('/metrics', app.url))
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    const text = await response.text()
    expect(text).toContain('# TYPE authx_events_total counter')
    expect(text).toMatch(/^authx_events_total\{event="login",reason="LOGIN"[^}]*\} 1$/m)
    expect(text).toMatch(/^authx_events_total\{event="refused",reason="CREDENTIALS_WRONG"[^}]*\} 1$/m)
    expect(text).toMatch(/^authx_events_total\{event="refused",reason="TOKEN_MISSING"[^}]*\} 1$/m)
    expect(text).not.toContain('ada')
  })

  it('is not there where it is turned off', async () => {
    await using app = await startApp({ env: { AUTHX_METRICS: 'false' } })
    expect((await fetch(new URL('/metrics', app.url))).status).toBe(404)
  })
})
