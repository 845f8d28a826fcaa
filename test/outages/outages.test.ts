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

describe.each(STORES.filter((store) => !SKIPPED[store]))(
  'three processes on one %s, while one thing after the other fails',
  (store) => {
    test('REV-02, REV-11, REV-14, REV-17, REF-04, REF-08: accept nothing that was ended longer than the bound ago', {
      timeout: 120_000,
    }, async () => {
      const outage = await runOutage({ store, seconds: SECONDS })
      expect(outage.violations).toEqual([])
      expect(outage.revocations).toBeGreaterThan(0)
      expect(outage.checksAfterEnd).toBeGreaterThan(0)
      // Enough to have shown something, on however busy a machine.
      expect(Object.keys(outage.faults).length).toBeGreaterThan(0)
    })

    test('REV-02: are found out where they follow hints alone', { timeout: 240_000 }, async () => {
      let found = 0
      // A short run in which a busy machine logged hardly anybody out shows nothing, so it gets another.
      for (let tries = 0; found === 0 && tries < 4; tries += 1) {
        const outage = await runOutage({ store, seconds: SECONDS, hintsOnly: true })
        found = outage.violations.length
      }
      expect(found).toBeGreaterThan(0)
    })
  },
)
