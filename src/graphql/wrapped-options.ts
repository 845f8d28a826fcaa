/**
 * An app's options with hooks of ours in place of its own. What options inherit stays, from an instance of a class too: a limit that were lost with it would be missed by nobody.
 */
export function wrapOptions<Options extends object>(options: Options, hooks: object): Options {
  // Defined, not assigned, which throws where what is inherited is frozen.
  return Object.create(options, Object.getOwnPropertyDescriptors({ ...options, ...hooks })) as Options
}
