import { readdirSync, readFileSync } from 'node:fs'

/**
 * Seconds of CPU that a process has taken, with all its threads: garbage collection counts. What else runs on the machine does not, so it says what a core of its own would do.
 *
 * @returns undefined where the system does not tell
 */
export function cpuSecondsOf(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/task`)
      .map((thread) => Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]))
      .reduce((sum, nanoseconds) => sum + nanoseconds / 1e9, 0)
  } catch {
    return undefined
  }
}

/** The same of this process, in milliseconds. */
export function ownCpu(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
