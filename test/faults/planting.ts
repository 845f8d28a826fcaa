import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A text to change, by what stands there. */
export interface Change {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Puts a fault into a copy of the project. */
export function plant({ file, find, replace }: Change, folder: string): void {
  const path = join(folder, file)
  const [before, after, ...more] = readFileSync(path, 'utf8').split(find)
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file}: this must be in it exactly once: ${find}`)
  }
  writeFileSync(path, before + replace + after)
}
