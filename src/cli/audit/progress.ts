/** Where progress is shown: standard error, if somebody looks at it. */
interface Terminal {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** One line that says what takes so long. */
export interface Progress {
  step(text: string): void
  /** Takes the line away. */
  end(): void
}

/** Seconds after which somebody wonders, and between two lines. */
const PATIENCE = 1
const PACE = 0.1

/** Shows steps on a terminal from a second on. Whoever redirects it gets nothing. */
export function showProgress(terminal: Terminal, uptime: () => number = process.uptime): Progress {
  const began = uptime()
  let shown: number | undefined
  return {
    step(text) {
      const now = uptime()
      if (terminal.isTTY !== true || now - began < PATIENCE || (shown !== undefined && now - shown < PACE))
        return
      shown = now
      terminal.write(`\r\u001b[K${text}`)
    },
    end() {
      if (shown !== undefined) terminal.write('\r\u001b[K')
    },
  }
}
