import { afterAll, beforeAll, describe } from 'vitest'
import { postgres } from '../../src/stores/postgres.ts'
import { isSkipped } from '../harness/debian.ts'
import { emptyTables, POSTGRES, startPostgres } from '../harness/postgres.ts'
import { BEGINNING, keepsTheContract } from './contract.ts'
import { PATIENT } from './postgres-steps.ts'

describe.skipIf(isSkipped(POSTGRES))('postgres() with several handles on one database', () => {
  let server: Awaited<ReturnType<typeof startPostgres>>
  let url: string
  beforeAll(async () => {
    // Nothing here ends the server; waiting for the disk some thousand times would say nothing more.
    server = await startPostgres({ fsync: false })
    url = await server.database()
    await (await postgres(url, PATIENT)).close()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  keepsTheContract(
    async () => {
      await emptyTables(url)
      return {
        open: (clock) => postgres(url, { clockShift: () => clock() - BEGINNING, ...PATIENT }),
      }
    },
    { drift: 5000 },
  )
})
