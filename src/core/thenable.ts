/** Anything with a `then`, a function too (Promises/A+ section 1.2). */
export function isThenable<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as { then?: unknown }).then === 'function'
  )
}

/** Goes on with an answer: at once where it is there, which makes no promise; else when it is, as `await` would, whatever a `then` gives. */
export function whenThere<Answer, Next>(
  answer: Answer | PromiseLike<Answer>,
  goOn: (answer: Answer) => Next | Promise<Next>,
): Next | Promise<Next> {
  return isThenable(answer) ? Promise.resolve(answer).then(goOn) : goOn(answer)
}
