import type { YogaLogger } from 'graphql-yoga'
import { type Logger as Pino, pino } from 'pino'
import pretty from 'pino-pretty'
import { loggable } from '../core/logger.ts'
import type { ServerSettings } from './settings.ts'

export type { Pino }

/** JSON lines in production, for a machine; one readable line each elsewhere, for a person. */
export function createLogger({
  logLevel,
  production,
}: Pick<ServerSettings, 'logLevel' | 'production'>): Pino {
  if (production) return pino({ level: logLevel })
  return pino(
    { level: logLevel },
    pretty({ ignore: 'pid,hostname', translateTime: 'SYS:HH:MM:ss', sync: true }),
  )
}

/** Yoga's log through ours. Whatever it hands over is stripped of anything that looks like a token. */
export function yogaLogger(log: Pino): YogaLogger {
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (...args: unknown[]) => {
      // Yoga tells several things of every request, which nearly nobody wants to read.
      if (!log.isLevelEnabled(level)) return
      log[level]({ details: args.map((one) => loggable(one)) }, 'graphql')
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
