import { load, type MakeWork } from '../contest.ts'
import { SECTIONS } from '../sections.ts'

/** Whether the contestants of `micro` and `executor` do their work right; with `--ours`, those that need no package of a peer. */
const isOurs = process.argv.includes('--ours')
const checked: string[] = []
for (const { name: section, contestants } of SECTIONS.filter(({ name }) => name !== 'http')) {
  for (const { name, at, ours = false } of contestants) {
    if (isOurs && !ours && !at.startsWith('unguarded#')) continue
    try {
      const work = await (await load<MakeWork>(section, at))()
      await work.check()
      await work.run()
    } catch (error) {
      throw new Error(`${section}: ${name}`, { cause: error })
    }
    checked.push(`${section}: ${name}`)
  }
}
console.log(JSON.stringify({ checked }))
process.exit()
