/**
 * Runs something whose errors nobody looks for a mistake in. Making one takes several times as long with its stack as without, and whoever is refused can have thousands made.
 *
 * @param run synchronous: while it runs, no error of this process has a stack
 */
export function withoutStack<Value>(run: () => Value): Value {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    return run()
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
