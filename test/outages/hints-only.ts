import type { TokenIdentity } from '../../src/core/blocklist.ts'
import type { Store } from '../../src/core/store.ts'

/**
 * The negative control: a store whose answers come from a copy that follows hints alone, as caches that listen to a channel do. No lease, no polling. The
 * harness has to find what is wrong with it.
 */
export function hintsOnly(store: Store): Store {
  const keys = new Set<string>()
  const epochs = new Map<string, number>()
  let position = 0
  let reading = Promise.resolve()
  const read = async (): Promise<void> => {
    for (;;) {
      const { entries } = await store.readSince(position, 1000)
      for (const { kind, key, epoch } of entries) {
        if (kind === 'subject') epochs.set(key, epoch)
        else keys.add(`${kind} ${key}`)
      }
      const last = entries.at(-1)
      if (last === undefined) return
      position = last.position
    }
  }
  store.onAppend(() => {
    reading = reading.then(read).catch(() => undefined)
  })
  const isRevoked = ({ jti, sid, sub, ue }: TokenIdentity): boolean =>
    keys.has(`token ${jti}`) || keys.has(`session ${sid}`) || ue < (epochs.get(sub) ?? 0)
  return new Proxy(store, {
    get(target, name) {
      if (name === 'isRevoked') return isRevoked
      if (name === 'remote') return false
      const member = Reflect.get(target, name) as unknown
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}
