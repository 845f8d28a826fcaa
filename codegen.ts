import type { CodegenConfig } from '@graphql-codegen/cli'

const CONTEXT = '../../graphql/context.ts'

const config: CodegenConfig = {
  schema: 'schema/*.graphql',
  generates: {
    'src/server/generated/resolvers.ts': {
      plugins: [
        { add: { content: '// Generated from schema/ by `npm run codegen`. Do not edit.' } },
        'typescript',
        'typescript-resolvers',
      ],
      config: {
        contextType: '../context.ts#ServerContext',
        // What `@auth` vouches for can be read in the field's resolver, and nowhere else.
        directiveContextTypes: [
          `auth#${CONTEXT}#Authenticated`,
          `optionalToken#${CONTEXT}#WithOptionalToken`,
        ],
        // Directives' arguments are not seen there, so the one field that asks for a refresh token is named. So is the one without a rule that looks at tokens.
        fieldContextTypes: [
          'Mutation.refresh#../context.ts#RefreshContext',
          'Mutation.login#../context.ts#LoginContext',
        ],
        enumsAsTypes: true,
        useTypeImports: true,
        emitLegacyCommonJSImports: false,
        importExtension: '',
        skipTypename: true,
        scalars: { ID: 'string' },
        mappers: { User: '../../core/account-store.ts#Account' },
      },
    },
  },
}

export default config
