/**
 * A setting or a schema that cannot mean what it says, found while things are being built.
 *
 * Always a programmer's or an operator's mistake, never a caller's: the message names the option or the
 * schema coordinate, and what to write instead.
 */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}
