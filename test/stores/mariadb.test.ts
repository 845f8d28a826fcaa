import { MysqlDialect } from 'kysely'
import { createPool } from 'mysql2'
import { afterAll, beforeAll, describe } from 'vitest'
import { mariadb, type SqlOptions, sql } from '../../src/stores/sql.ts'
import { isSkipped } from '../harness/debian.ts'
import { emptyTables, MARIADB, startMariadb } from '../harness/mariadb.ts'
import { BEGINNING, keepsTheContract } from './contract.ts'

const open = (uri: string, options: Partial<SqlOptions> = {}) =>
  sql({
    dialect: new MysqlDialect({ pool: createPool({ uri, connectTimeout: 1000 }) }),
    language: mariadb,
    name: 'MariaDB',
    ...options,
  })

describe.skipIf(isSkipped(MARIADB))('sql() over MariaDB with several handles on one database', () => {
  let server: Awaited<ReturnType<typeof startMariadb>>
  let url: string
  beforeAll(async () => {
    server = await startMariadb()
    url = await server.database()
    await (await open(url)).close()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  keepsTheContract(
    async () => {
      await emptyTables(url)
      return { open: (clock) => open(url, { clockShift: () => clock() - BEGINNING, timeout: 20_000 }) }
    },
    { drift: 5000 },
  )
})
