import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { ConfigurationError } from '../core/configuration-error.ts'
import { ALGORITHMS, isAlgorithm } from '../core/keys.ts'
import { keysFileInUse } from '../server/environment.ts'
import { addKey, generateKey, readKeyFile } from '../server/key-file.ts'

/** `graphql-authx keys` */
export function keysCommand(): Command {
  return new Command('keys').description('Makes keys for AUTHX_KEYS_FILE.').addCommand(
    new Command('generate')
      .description(
        'Makes a key. With --file it comes first in the file and signs from then on; the ones before it still verify.',
      )
      .addOption(new Option('--alg <alg>', 'the algorithm').choices([...ALGORITHMS]).default('ES256'))
      .option('--file <path>', 'write it to a key file, readable by its owner only, instead of printing it')
      .action(generate),
  )
}

function generate({ alg, file }: { alg: string; file?: string }): void {
  if (!isAlgorithm(alg)) throw new ConfigurationError(`--alg: must be one of ${ALGORITHMS.join(', ')}`)
  const key = generateKey(alg)
  if (file === undefined) {
    console.log(JSON.stringify({ keys: [key] }, null, 2))
    return
  }
  const existing = existsSync(file) ? readKeyFile(file) : []
  addKey(file, key, existing)
  console.log(`${file}: new ${alg} key ${key.kid}, ${existing.length} older kept. ${howToUse(file)}`)
}

function howToUse(file: string): string {
  const read = keysFileInUse()
  return resolve(read) === resolve(file)
    ? 'Restart the server to use it.'
    : `The server reads ${read}; set AUTHX_KEYS_FILE=${file} to use this one.`
}
