import { randomUUID } from 'node:crypto'
import { Authentication } from '../../src/core/authentication.ts'
import { anyToken } from '../../src/core/requirement.ts'
import { readSettings } from '../../src/core/settings.ts'
import { createEngine } from '../../src/graphql/engine.ts'
import { memory } from '../../src/stores/memory.ts'
import { OPTIONS, USER } from '../fixture.ts'

/** What distinct tokens leave in memory, in steps: each is made, judged twice, as two requests bring it and it is remembered, and dropped. Wants `--expose-gc`. */
const [distinct = 0, step = 0] = process.argv.slice(2).map(Number)
const settings = readSettings(OPTIONS, (clock) => memory({ clock }))
const engine = createEngine(settings)

function judgeNew(): void {
  const token = engine.issuer.access({ sub: USER.id, sid: randomUUID() }, { epoch: 0, now: Date.now() })
  const carrier = { headerValues: (name: string) => (name === 'authorization' ? [`Bearer ${token}`] : []) }
  for (let times = 0; times < 2; times += 1) {
    const verdict = new Authentication(engine, carrier, 'access').judge(anyToken('access'), {}, {}, 'query')
    if (verdict === null || !('sub' in verdict)) throw new Error('a good token was refused')
  }
}

/** Bytes that are in use, the garbage taken away. */
function inUse(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

// What is made once, such as compiled code, is no growth.
for (let count = 0; count < 200; count += 1) judgeNew()
const before = inUse()
const steps: { tokens: number; bytes: number }[] = []
const began = performance.now()
for (let tokens = 1; tokens <= distinct; tokens += 1) {
  judgeNew()
  if (tokens % step === 0) steps.push({ tokens, bytes: inUse() - before })
}
const seconds = (performance.now() - began) / 1000
console.log(JSON.stringify({ remembered: settings.rememberedTokens, seconds, steps }))
process.exit()
