import { spawnSync } from 'node:child_process'
import { ensureChromium } from './chromium.ts'

/** Before any test: the browser that pages need, and the build that the examples and the package are made of. */
export function setup(): void {
  ensureChromium()
  const built = spawnSync('npm', ['run', 'build', '--silent'], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(`the build failed:\n${built.stdout}${built.stderr}`)
}
