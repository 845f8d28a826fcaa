import type { Command } from 'commander'
import { blocklistCommand } from './blocklist.ts'
import { databaseCommand } from './database.ts'
import { keysCommand } from './keys.ts'
import { serveCommand } from './serve.ts'
import { sessionCommand } from './session.ts'
import { tokenCommand } from './token.ts'
import { userCommand } from './user.ts'

/** The commands that run the server or work on what it works on. */
export function operationCommands(): Command[] {
  return [
    serveCommand(),
    userCommand(),
    keysCommand(),
    tokenCommand(),
    sessionCommand(),
    blocklistCommand(),
    databaseCommand(),
  ]
}
