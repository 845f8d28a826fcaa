/** A time of a store or of a token as people read it: ISO 8601, UTC. */
export function utc(milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
