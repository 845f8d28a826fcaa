import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** A text to change, by what stands there. */
export interface Change {
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** Puts a fault into a copy of the project. */
export function plant(change: Change, folder: string): void {
  const [before, after] = around(change, folder)
  writeFileSync(join(folder, change.file), before + change.replace + after)
}

/**
 * What stands before and after the text.
 *
 * @throws Error where it is not in its file exactly once
 */
export function around({ file, find }: Change, folder: string): readonly [string, string] {
  const [before, after, ...more] = readFileSync(join(folder, file), 'utf8').split(find)
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file}: this must be in it exactly once: ${find}`)
  }
  return [before, after]
}
