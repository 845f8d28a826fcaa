/**
 * Runs something whose errors nobody looks for a mistake in. Making one takes several times as long with its stack as without, and whoever is refused can have thousands made.
 *
 * @param run synchronous: while it runs, no error of this process has a stack
 */
export function withoutStack<Value>(run: () => Value): Value {
  const { stackTraceLimit } = Error
  // Not by assignment, which throws where the built-ins are frozen.
  Reflect.set(Error, 'stackTraceLimit', 0)
  try {
    return run()
  } finally {
    Reflect.set(Error, 'stackTraceLimit', stackTraceLimit)
  }
}
