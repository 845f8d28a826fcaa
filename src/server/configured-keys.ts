import { ConfigurationError } from '../core/configuration-error.ts'
import { createKeyRing, type KeyOptions } from '../core/keys.ts'
import { GENERATED_KEYS } from './environment.ts'
import { ensureKeyFile, isOpenToOthers, readKeyFile } from './key-file.ts'
import type { Pino } from './logging.ts'
import type { ServerSettings } from './settings.ts'

/** The keys that the settings name, or those of the file that is made where they name none. */
export function configuredKeys(
  settings: ServerSettings,
  log: Pick<Pino, 'info' | 'warn'>,
): readonly KeyOptions[] {
  if (settings.secret !== undefined) return checked([{ alg: 'HS256', key: settings.secret }], 'AUTHX_SECRET')
  const path = settings.keysFile ?? GENERATED_KEYS
  if (settings.keysFile === undefined && ensureKeyFile(path)) log.info(`made a signing key: ${path}`)
  const keys = checked(readKeyFile(path), path)
  if (isOpenToOthers(path))
    log.warn(`${path} holds a secret and is readable by others; run: chmod 600 ${path}`)
  return keys
}

/** Checks keys before anything is opened, so that the error names what the operator set. */
function checked(keys: readonly KeyOptions[], name: string): readonly KeyOptions[] {
  try {
    createKeyRing(keys)
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error
    const message = name === 'AUTHX_SECRET' ? error.message.replace(/^keys\[0\]\.key: /, '') : error.message
    throw new ConfigurationError(`${name}: ${message}`, { cause: error })
  }
  return keys
}
