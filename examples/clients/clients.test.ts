import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  CLIENTS,
  LIFETIMES,
  type Outcome,
  openStage,
  pass,
  reasonOf,
  type Stage,
  startPartialApi,
} from './harness.ts'
import { RefreshFailed } from './session.ts'

const { access: TTL, refresh: REFRESH_TTL, leeway: LEEWAY, grace: GRACE } = LIFETIMES

let stage: Stage
beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] })
  stage = await openStage()
})
afterEach(async () => {
  await stage[Symbol.asyncDispose]()
  vi.useRealTimers()
})

/** Ten operations at once, each with a name of its own: the clients send equal ones once. */
function ten(ask: (document: string) => Promise<Outcome>): Promise<Outcome[]> {
  return Promise.all(Array.from({ length: 10 }, (_, at) => ask(`query Q${at} { answer${at}: profile }`)))
}

const ALL = Array.from({ length: 10 }, (_, at) => ({ [`answer${at}`]: 'You are authenticated' }))
/** A client that does not know how the time passes, and has to hear from the server that its token has expired. */
const STANDING = { clock: () => 0 }

describe.each(Object.entries(CLIENTS))('%s', (_, createClient) => {
  const open = async (options?: { clock?: () => number }) => {
    const login = await stage.login(options)
    const ask = await createClient(stage.app.url, login.session)
    stage.requests()
    return { ...login, ask }
  }

  it('sends the access token', async () => {
    const { ask } = await open()
    expect(await ask('{ profile }')).toMatchObject({ profile: 'You are authenticated' })
    expect(stage.requests()).toEqual({ access: 1 })
  })

  describe('refreshes on expiry', () => {
    it('once for ten operations that wait, before the token expires', async () => {
      const { ask, overs } = await open()
      pass(TTL - 10)
      expect(await ten(ask)).toMatchObject(ALL)
      expect(stage.requests()).toEqual({ refresh: 1, access: 10 })
      expect(await ten(ask)).toMatchObject(ALL)
      expect(overs).toEqual([])
    })

    it('once for ten operations that the server refused, and sends them again', async () => {
      const { ask, overs } = await open(STANDING)
      pass(TTL + LEEWAY + 1)
      expect(await ten(ask)).toMatchObject(ALL)
      expect(stage.requests()).toEqual({ refresh: 1, access: 20 })
      expect(overs).toEqual([])
    })

    it('again after the next expiry', async () => {
      const { ask } = await open()
      for (let round = 0; round < 3; round++) {
        pass(TTL)
        expect(await ask(`query Round${round} { answer${round}: profile }`)).toMatchObject(ALL[round] ?? {})
        expect(stage.requests()).toEqual({ refresh: 1, access: 1 })
      }
    })

    it('whichever content type the refusal has', async () => {
      const { ask } = await open(STANDING)
      pass(TTL + LEEWAY + 1)
      const outcome = await ask('{ profile }', { accept: 'application/json' })
      expect(outcome).toMatchObject({ profile: 'You are authenticated' })
      expect(stage.requests()).toEqual({ refresh: 1, access: 2 })
    })

    it('when only a part of the answer was refused', async () => {
      await using api = await startPartialApi(stage.app)
      const { session } = await stage.login(STANDING)
      const ask = await createClient(api.url, session)
      stage.requests()
      pass(TTL + LEEWAY + 1)
      expect(await ask('{ open profile }')).toMatchObject({
        open: 'for all',
        profile: 'You are authenticated',
      })
      expect(stage.requests()).toEqual({ refresh: 1, access: 2 })
    })

    it('once an operation, and no more when the next token is refused too', async () => {
      const { ask, session } = await open(STANDING)
      pass(TTL + LEEWAY + 1)
      // What comes back from the refresh has expired before it is used.
      const token = session.token.bind(session)
      session.token = async () => {
        const refreshed = await token()
        pass(TTL + LEEWAY + 1)
        return refreshed
      }
      expect(reasonOf(await ask('{ profile }'))).toBe('TOKEN_EXPIRED')
      expect(stage.requests()).toEqual({ refresh: 1, access: 2 })
    })
  })

  describe('sends a mutation again', () => {
    const openPartial = async () => {
      const api = await startPartialApi(stage.app)
      const { session } = await stage.login(STANDING)
      const ask = await createClient(api.url, session)
      stage.requests()
      return { api, ask, [Symbol.asyncDispose]: () => api[Symbol.asyncDispose]() }
    }

    it.each([
      ['its one field', 'mutation { note }', ['note']],
      ['every field', 'mutation { note ...F } fragment F on Mutation { ship }', ['note', 'ship']],
    ])('when the server refused %s', async (_what, document, executed) => {
      await using opened = await openPartial()
      const { api, ask } = opened
      pass(TTL + LEEWAY + 1)
      expect(await ask(document)).not.toBeInstanceOf(Error)
      expect(stage.requests()).toEqual({ refresh: 1, access: 2 })
      expect(api.executed()).toEqual(executed)
    })

    it.each([
      ['a field before the one that was refused', 'mutation { order note }', ['order']],
      ['a field in a fragment', 'mutation { ...F note } fragment F on Mutation { order }', ['order']],
      ['the field around the one that was refused', 'mutation { basket { total } }', ['basket']],
      ['the field during which the token expired', 'mutation { pay ship }', ['pay']],
    ])('never when %s has run, and refreshes for the next operation', async (_what, document, executed) => {
      await using opened = await openPartial()
      const { api, ask } = opened
      if (!document.includes('pay')) pass(TTL + LEEWAY + 1)
      expect(reasonOf(await ask(document))).toBe('TOKEN_EXPIRED')
      expect(stage.requests()).toEqual({ access: 1 })
      expect(api.executed()).toEqual(executed)
      expect(await ask('mutation { note }')).toMatchObject({ note: 'note' })
      expect(stage.requests()).toEqual({ refresh: 1, access: 1 })
    })
  })

  describe('stops on theft', () => {
    it('when a thief has spent its refresh token: forgets the tokens, tells the app once, sends nothing more', async () => {
      const { ask, overs, session, stolen } = await open()
      const thiefs = await stage.refresh(stolen)
      stage.requests()

      pass(TTL - 10)
      expect((await ten(ask)).map(reasonOf)).toEqual(Array(10).fill('TOKEN_REUSED'))
      expect(stage.requests()).toEqual({ refresh: 1 })
      expect(session.accessToken).toBeUndefined()

      expect((await ten(ask)).map(reasonOf)).toEqual(Array(10).fill('TOKEN_REUSED'))
      expect(stage.requests()).toEqual({})
      expect(overs).toEqual(['TOKEN_REUSED'])
      expect(await stage.refresh(thiefs)).toBe('TOKEN_REVOKED')
    })

    it('when it hears from the server that its access token has expired', async () => {
      const { ask, overs, session, stolen } = await open(STANDING)
      await stage.refresh(stolen)
      stage.requests()

      pass(TTL + LEEWAY + 1)
      expect((await ten(ask)).map(reasonOf)).toEqual(Array(10).fill('TOKEN_REUSED'))
      expect(stage.requests()).toEqual({ access: 10, refresh: 1 })
      expect(session.accessToken).toBeUndefined()
      expect(overs).toEqual(['TOKEN_REUSED'])
    })

    it('when a thief comes with the token that it spent itself: its access token is refused, and it does not refresh', async () => {
      const { ask, overs, session, stolen } = await open()
      pass(TTL)
      await ten(ask)
      pass(GRACE + 1)
      expect(await stage.refresh(stolen)).toBe('TOKEN_REUSED')
      stage.requests()

      const outcomes = await Promise.all(
        [1, 2, 3].map((at) => ask(`query Later${at} { later${at}: profile }`)),
      )
      expect(outcomes.map(reasonOf)).toEqual(Array(3).fill('TOKEN_REVOKED'))
      expect(stage.requests()).toEqual({ access: 3 })
      expect(session.accessToken).toBeUndefined()
      expect(overs).toEqual(['TOKEN_REVOKED'])
    })

    it('when its session was ended meanwhile', async () => {
      const { ask, overs, session, stolen } = await open()
      await stage.app.authx.revoke({ token: stolen })
      pass(TTL)
      expect(reasonOf(await ask('{ profile }'))).toBe('TOKEN_REVOKED')
      expect(stage.requests()).toEqual({ refresh: 1 })
      expect(session.accessToken).toBeUndefined()
      expect(overs).toEqual(['TOKEN_REVOKED'])
    })

    it('when its refresh token has expired', async () => {
      const { ask, overs } = await open()
      pass(REFRESH_TTL + LEEWAY + 1)
      expect(reasonOf(await ask('{ profile }'))).toBe('TOKEN_EXPIRED')
      expect(stage.requests()).toEqual({ refresh: 1 })
      expect(overs).toEqual(['TOKEN_EXPIRED'])
    })
  })

  describe('keeps the tokens', () => {
    it('when the refresh is answered 503, and refreshes with the next operation', async () => {
      const { ask, overs, session } = await open()
      const before = session.accessToken
      pass(TTL)
      stage.breakDown(true)
      const outcomes = await ten(ask)
      expect(outcomes.map((one) => one instanceof RefreshFailed)).toEqual(Array(10).fill(true))
      expect(stage.requests()).toEqual({ refresh: 1 })
      expect(session.accessToken).toBe(before)

      stage.breakDown(false)
      expect(await ten(ask)).toMatchObject(ALL)
      expect(stage.requests()).toEqual({ refresh: 1, access: 10 })
      expect(overs).toEqual([])
    })

    it('when an operation is answered 503, and does not send it again', async () => {
      const { ask, overs, session } = await open()
      stage.breakDown(true)
      expect(reasonOf(await ask('{ profile }'))).toBe('REVOCATION_UNAVAILABLE')
      expect(stage.requests()).toEqual({ access: 1 })
      expect(session.accessToken).toBeDefined()
      expect(overs).toEqual([])
    })

    it('when the server is out of reach, as after a lost answer, and gets the same successor within the window', async () => {
      const { ask, overs, session, stolen } = await open()
      pass(TTL)
      const { fetch } = globalThis
      vi.stubGlobal('fetch', async (...request: Parameters<typeof fetch>) => {
        await fetch(...request)
        throw new TypeError('fetch failed')
      })
      expect(await ask('{ profile }')).toBeInstanceOf(RefreshFailed)
      vi.unstubAllGlobals()
      expect(session.accessToken).toBeDefined()
      pass(GRACE - 1)
      expect(await ask('{ profile }')).toMatchObject({ profile: 'You are authenticated' })
      expect(stage.requests()).toEqual({ refresh: 2, access: 1 })
      expect(await stage.refresh(stolen)).not.toMatch(/^TOKEN_/)
      expect(overs).toEqual([])
    })

    it('when an operation needs more than a token can give', async () => {
      const { ask, overs, session } = await open()
      pass(TTL)
      const change = 'mutation { changePassword(current: "", next: "") { expiresIn } }'
      expect(reasonOf(await ask(change))).toBe('FRESH_TOKEN_REQUIRED')
      expect(session.accessToken).toBeDefined()
      expect(overs).toEqual([])
    })
  })

  it('logs out: both tokens are dead, nothing more is sent, and the app is not told what it did itself', async () => {
    const { ask, overs, session, stolen } = await open()
    const { accessToken = '' } = session
    await session.logout()
    stage.requests()
    expect(reasonOf(await ask('{ profile }'))).toBe('LOGGED_OUT')
    expect(stage.requests()).toEqual({})
    expect(overs).toEqual([])
    expect(await stage.refresh(stolen)).toBe('TOKEN_REVOKED')
    expect(session.refused(accessToken, [{ extensions: { reason: 'TOKEN_REVOKED' } }])).toBe(false)
    expect(overs).toEqual([])
  })
})
