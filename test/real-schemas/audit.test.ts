import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, print, printSchema } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asHtml } from '../../src/cli/audit/html.ts'
import { asManifest, manifestOf, readManifest } from '../../src/cli/audit/manifest.ts'
import { readSchemaFiles } from '../../src/cli/audit/schema-files.ts'
import { audit } from '../../src/graphql/audit/report.ts'
import { REAL_SCHEMAS } from '../harness/annotated-schemas.ts'
import { annotate } from '../harness/annotations.ts'
import { openAuthX } from '../harness/instance.ts'
import { temporaryFolder } from '../harness/server.ts'

/** How many coordinates each has at least. */
const LEAST: Readonly<Record<string, number>> = {
  GitHub: 5000,
  'Nautical Commerce': 4000,
  'Shopify Storefront': 1000,
}

let folder: string
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(REAL_SCHEMAS)('the schema of $name, annotated by chance', ({ name, build }) => {
  test('is read and audited within seconds, and protect makes of it what the audit says', async () => {
    const path = join(folder, `${name}.graphql`)
    const document = parse(printSchema(build()))
    writeFileSync(path, print(annotate(document, 7)))

    const began = used()
    const { schema, notes } = await readSchemaFiles([path], () => {})
    const read = used()
    const report = audit(schema, { defaultPolicy: 'public' })
    const audited = used()
    const page = asHtml({ ...report, files: [path] })
    const total = used() - began
    console.log(
      `${name}: ${report.entries.length} coordinates; read in ${ms(read - began)}, audited in ${ms(audited - read)}, in all ${ms(total)}`,
    )
    expect(total).toBeLessThan(10_000)

    const of = (effect: string) => report.entries.filter((entry) => entry.effect === effect).length
    expect(report.entries.length).toBeGreaterThan(LEAST[name] ?? Number.NaN)
    for (const effect of ['public', 'unverified', 'optional', 'guarded'])
      expect(of(effect), effect).toBeGreaterThan(0)
    expect(page.match(/<tr data-effect/g)).toHaveLength(report.entries.length)
    expect(readManifest(asManifest(report), 'm')).toEqual(manifestOf(report))
    expect(notes.join()).not.toContain('@auth')

    const { authx } = openAuthX()
    expect(audit(authx.protect(schema), { defaultPolicy: 'public' })).toEqual(report)
  })
})

/** Milliseconds of the processor: others may be at work on the machine too. */
function used(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function ms(duration: number): string {
  return `${Math.round(duration)} ms`
}
