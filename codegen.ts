import type { CodegenConfig } from '@graphql-codegen/cli'
import { authxPreset } from './src/codegen/preset.ts'

const config: CodegenConfig = {
  config: {
    enumsAsTypes: true,
    useTypeImports: true,
    emitLegacyCommonJSImports: false,
    importExtension: '',
    skipTypename: true,
    scalars: { ID: 'string' },
  },
  generates: {
    'src/server/generated/resolvers.ts': {
      schema: 'schema/*.graphql',
      preset: authxPreset,
      presetConfig: { typesFrom: '../../graphql/context.ts' },
      plugins: plugins('schema/'),
      config: {
        contextType: '../context.ts#ServerContext',
        mappers: { User: '../../core/account-store.ts#Account' },
      },
    },
    // What test/types proves the preset with.
    'test/types/generated/ruled.ts': {
      schema: ['schema/directives.graphql', 'test/types/ruled.graphql'],
      preset: authxPreset,
      presetConfig: { typesFrom: '../../../src/index.ts' },
      plugins: plugins('test/types/ruled.graphql'),
      config: {
        contextType: '../ruled-context.ts#RuledContext',
        addInterfaceFieldResolverTypes: true,
        fieldContextTypes: [
          'Query.own#../ruled-context.ts#OwnContext',
          'Query.ownUnguarded#../ruled-context.ts#OwnContext',
        ],
      },
    },
    'test/types/generated/protected.ts': {
      schema: ['schema/directives.graphql', 'test/types/protected.graphql'],
      preset: authxPreset,
      presetConfig: { typesFrom: '../../../src/index.ts', defaultPolicy: 'protected' },
      plugins: plugins('test/types/protected.graphql'),
    },
  },
}

function plugins(source: string): (string | { add: { content: string } })[] {
  const content = `// Generated from ${source} by \`npm run codegen\`. Do not edit.`
  return [{ add: { content } }, 'typescript', 'typescript-resolvers']
}

export default config
