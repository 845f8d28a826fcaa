import { resolve } from 'node:path'
import { Command, Option } from 'commander'
import { ConfigurationError } from '../core/configuration-error.ts'
import { ALGORITHMS, isAlgorithm } from '../core/keys.ts'
import { keysFileInUse } from '../server/environment.ts'
import { addKey, generateKey } from '../server/key-file.ts'
import { print } from './printing.ts'

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

async function generate({ alg, file }: { alg: string; file?: string }): Promise<void> {
  if (!isAlgorithm(alg)) throw new ConfigurationError(`--alg: must be one of ${ALGORITHMS.join(', ')}`)
  const key = generateKey(alg)
  if (file === undefined) {
    for (const line of JSON.stringify({ keys: [key] }, null, 2).split('\n')) print(line)
    return
  }
  const kept = await addKey(file, key)
  print(`${file}: new ${alg} key ${key.kid}, ${kept} older kept. ${howToUse(file)}`)
}

function howToUse(file: string): string {
  const read = keysFileInUse()
  return resolve(read) === resolve(file)
    ? 'Restart the server to use it.'
    : `The server reads ${read}; set AUTHX_KEYS_FILE=${file} to use this one.`
}
