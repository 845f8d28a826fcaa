import { deepStrictEqual } from 'node:assert/strict'
import type { Tokens } from '../contest.ts'
import { QUERY, USER } from '../fixture.ts'

export const BODY: string = JSON.stringify({ query: QUERY })

export function headersOf(token?: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  }
}

/**
 * Asks a server whether it does its work right, so that none wins by being broken.
 *
 * @param guards whether it has to refuse whoever brings no token, or a bad one
 * @throws Error saying what it answers
 */
export async function checkAnswers(url: string, guards: boolean, tokens: Tokens): Promise<void> {
  for (const token of [tokens.good[0], tokens.good.at(-1)]) {
    deepStrictEqual(await ask(url, token), { data: { member: USER } })
  }
  if (!guards) return
  const bad = { no: undefined, 'a revoked': tokens.revoked, 'a forged': tokens.forged }
  for (const [which, token] of Object.entries(bad)) {
    const { data, errors } = await ask(url, token)
    if ((data?.member ?? null) !== null || errors === undefined) throw new Error(`answers ${which} token`)
  }
}

interface Answered {
  readonly data?: { readonly member?: unknown } | null
  readonly errors?: unknown
}

async function ask(url: string, token?: string): Promise<Answered> {
  const response = await fetch(url, { method: 'POST', headers: headersOf(token), body: BODY })
  const text = await response.text()
  try {
    return JSON.parse(text)
  } catch {
    return { errors: text }
  }
}
