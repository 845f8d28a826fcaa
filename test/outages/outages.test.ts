import { describe, expect, test } from 'vitest'
import { isSkipped } from '../harness/debian.ts'
import { OWN_POSTGRES } from '../harness/postgres.ts'
import { OWN_REDIS } from '../harness/redis.ts'
import { STORES, type StoreName } from './backends.ts'
import { runOutage } from './outage.ts'

const SKIPPED: Readonly<Record<StoreName, boolean>> = {
  sqlite: false,
  postgres: isSkipped(OWN_POSTGRES),
  redis: isSkipped(OWN_REDIS),
}

/** A short run of `npm run faults`; docs/scaling.md has long ones. */
const SECONDS = 9
/** Fewer show nothing; a busy machine takes longer for them. */
const LEAST_ENDS = 30

describe.each(STORES.filter((store) => !SKIPPED[store]))(
  'three processes on one %s, while one thing after the other fails',
  (store) => {
    test('REV-02, REV-11, REV-14, REV-17, REF-04, REF-08: accept nothing that was ended longer than the bound ago', {
      timeout: 240_000,
    }, async () => {
      const outage = await runOutage({ store, seconds: SECONDS, leastEnds: LEAST_ENDS })
      expect(outage.violations).toEqual([])
      expect(outage.revocations).toBeGreaterThan(20)
      expect(outage.checksAfterEnd).toBeGreaterThan(100)
      expect(Object.keys(outage.faults).length).toBeGreaterThan(2)
    })

    test('REV-02: are found out where they follow hints alone', { timeout: 240_000 }, async () => {
      const outage = await runOutage({ store, seconds: SECONDS, leastEnds: LEAST_ENDS, hintsOnly: true })
      expect(outage.violations.length).toBeGreaterThan(0)
    })
  },
)
