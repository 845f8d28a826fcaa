import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES, startOwnPostgres } from '../harness/postgres.ts'
import { startServerProcess } from '../harness/server.ts'
import type { Service } from '../harness/service.ts'

const SECRET = 'q8Wz5Xk2Vn7Bm4Lp9Rt1Yc6Hd3Gf0Jsa'
/** Milliseconds after which a logout holds everywhere: what a server has where it is told nothing. */
const MAX_STALENESS = 500
const LOGOUT = 'mutation { logout }'
const ME = '{ me { username } }'

describe.skipIf(isSkipped(OWN_POSTGRES))('two servers over one PostgreSQL', () => {
  let database: Service
  let url: string
  beforeAll(async () => {
    database = await startOwnPostgres()
    url = await database.database()
  })
  afterAll(() => database?.[Symbol.asyncDispose]())

  test('REV-02, REV-13, REV-14: a logout on one counts on the other; without the database neither answers, and both do again after', async () => {
    const env = { AUTHX_DATABASE_URL: url, AUTHX_SECRET: SECRET }
    await using one = await startServerProcess({ env })
    await using other = await startServerProcess({ env })
    const [leaving, staying] = [await one.login(), await other.login()]
    for (const server of [one, other]) {
      for (const { accessToken } of [leaving, staying]) {
        const { body } = await server.query(ME, { token: accessToken })
        expect(body.data).toEqual({ me: { username: 'demo' } })
      }
    }
    expect((await one.query(LOGOUT, { token: leaving.accessToken })).body.data).toEqual({ logout: true })
    const answered = performance.now()
    let [refused, age] = [await other.query(ME, { token: leaving.accessToken }), 0]
    while (refused.status === 200 && age < MAX_STALENESS) {
      age = performance.now() - answered
      refused = await other.query(ME, { token: leaving.accessToken })
    }
    expect([refused.status, refused.body.errors?.[0].extensions.reason]).toEqual([401, 'TOKEN_REVOKED'])
    expect((await other.query(ME, { token: staying.accessToken })).status).toBe(200)

    database.freeze()
    const before = performance.now()
    const unanswered = await Promise.all([
      one.query(ME, { token: staying.accessToken }),
      other.query(LOGOUT, { token: staying.accessToken }),
    ])
    database.thaw()
    expect(performance.now() - before).toBeLessThan(5000)
    for (const { status, body } of unanswered) {
      expect([status, body.errors[0].extensions.reason]).toEqual([503, 'REVOCATION_UNAVAILABLE'])
    }
    await expect
      .poll(async () => (await one.query(ME, { token: staying.accessToken })).status, { timeout: 5000 })
      .toBe(200)
    expect(one.output() + other.output()).not.toContain(new URL(url).password)
  })
})
