import { useGenericAuth } from '@envelop/generic-auth'
import { createInlineSigningKeyProvider, extractFromHeader, useJWT } from '@graphql-yoga/plugin-jwt'
import { useBodyLimit } from 'graphql-authx/yoga'
import { createYoga, type Plugin } from 'graphql-yoga'
import type { Serve, Tokens } from '../../contest.ts'
import { SECRET } from '../../fixture.ts'
import { listen } from './listen.ts'
import { bareSchema } from './schema.ts'
import { KEY, revokedBy, type User } from './verify.ts'
import { BODY } from './yoga.ts'

const DIRECTIVE = 'directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM'

/** As Yoga's documentation puts the two together. */
function plugins(tokens: Tokens, key: string): Plugin[] {
  const revoked = revokedBy(tokens)
  return [
    useJWT({
      signingKeyProviders: [createInlineSigningKeyProvider(key)],
      tokenLookupLocations: [extractFromHeader({ name: 'authorization', prefix: 'Bearer' })],
      tokenVerification: { algorithms: ['HS256'] },
      extendContext: true,
    }),
    useGenericAuth({
      mode: 'protect-granular',
      resolveUserFn: ({ jwt }: { jwt?: { payload: User } }) =>
        jwt === undefined || revoked.has(jwt.payload.sid) ? null : jwt.payload,
    }) as unknown as Plugin,
  ]
}

export const documented: Serve = (tokens) =>
  listen(
    createYoga({
      schema: bareSchema(DIRECTIVE, '@authenticated'),
      logging: false,
      plugins: plugins(tokens, SECRET),
    }),
  )

/** With a KeyObject, which jsonwebtoken takes though the plugin's type does not say so, and our body limit. */
export const fastest: Serve = (tokens) =>
  listen(
    createYoga({
      schema: bareSchema(DIRECTIVE, '@authenticated'),
      logging: false,
      maxRequestBodySize: false,
      plugins: [useBodyLimit(BODY), ...plugins(tokens, KEY as unknown as string)],
    }),
  )
