/** Values for `test.each`, which would otherwise spread those that are lists. */
export function cases(...values: readonly unknown[]): readonly (readonly [unknown])[] {
  return values.map((value) => [value] as const)
}
