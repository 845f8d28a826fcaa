import { type GraphQLSchema, isSchema } from 'graphql'
import { ConfigurationError } from '../core/configuration-error.ts'
import { checkNames, oneOf, text } from '../core/option-checks.ts'
import { DEFAULT_POLICIES, type DefaultPolicy } from '../core/settings.ts'
import { type EntryParts, fieldContextTypes } from './field-context-types.ts'
import { vouchedBy } from './vouched.ts'

/** The `presetConfig` of {@link authxPreset}. */
export interface AuthXPresetConfig {
  /**
   * What holds for fields without a rule; the same as that of `createAuthX`.
   *
   * @default 'public'
   */
  readonly defaultPolicy?: DefaultPolicy
  /**
   * The module that the generated file imports `Authenticated` and its companions from.
   *
   * @default 'graphql-authx'
   */
  readonly typesFrom?: string
}

const DEFAULTS: Required<AuthXPresetConfig> = { defaultPolicy: 'public', typesFrom: 'graphql-authx' }

type PluginConfig = Readonly<Record<string, unknown>>

/** Its name, and under it its own config. */
type Plugin = Readonly<Record<string, unknown>>

/** What of an output's options the preset looks at; so that nothing of the generator is imported. */
interface OutputOptions {
  readonly baseOutputDir: string
  readonly presetConfig: AuthXPresetConfig
  readonly schemaAst?: GraphQLSchema
  readonly config: PluginConfig
  readonly plugins: readonly Plugin[]
}

/** A preset as GraphQL Code Generator takes it. */
interface OutputPreset {
  buildGeneratesSection<Options extends OutputOptions>(
    options: Options,
  ): (Options & { readonly filename: string })[]
}

/**
 * A preset for GraphQL Code Generator, by which the plugin `typescript-resolvers` gives each resolver the `context.auth` that its rule vouches for.
 *
 * It compiles the rules as `protect` does, so it knows those of types, interfaces and the default policy, and the directives' arguments. Everything else is
 * up to the plugins and their `config`.
 *
 * @example
 * generates: {
 *   'src/resolvers.generated.ts': {
 *     preset: authxPreset,
 *     plugins: ['typescript', 'typescript-resolvers'],
 *     config: { contextType: './context.ts#Context' },
 *   },
 * }
 *
 * @throws ConfigurationError where `protect` would refuse the schema, or an option cannot be
 */
export const authxPreset: OutputPreset = {
  buildGeneratesSection: (options) => {
    const { defaultPolicy, typesFrom } = readConfig(options.presetConfig)
    const schema = schemaOf(options)
    const parts = {
      typesFrom,
      vouched: vouchedBy(schema, defaultPolicy),
      declared: Object.keys(schema.getTypeMap()),
    }
    if (!options.plugins.some(isForResolvers)) {
      throw new ConfigurationError(
        `${options.baseOutputDir}: plugins must have 'typescript-resolvers', whose types authxPreset is about`,
      )
    }
    const plugins = options.plugins.map((plugin) =>
      isForResolvers(plugin) ? withRules(plugin, options.config, parts) : plugin,
    )
    return [{ ...options, filename: options.baseOutputDir, plugins }]
  },
}

/** The preset under the name that the generator looks for, where a config names it by its module: `preset: graphql-authx/codegen`. @alias */
export const preset: OutputPreset = authxPreset

/** In the plugin's own config, since that is what counts where the output's says otherwise. */
function withRules(plugin: Plugin, ofOutput: PluginConfig, parts: Omit<EntryParts, 'own'>): Plugin {
  const { name, config: ofPlugin } = only(plugin)
  const config = { ...ofOutput, ...ofPlugin }
  refuseOurDirectives(config)
  const own = (config.fieldContextTypes ?? []) as readonly string[]
  const ruled = {
    contextType: config.contextType ?? `${parts.typesFrom}#AuthXContext`,
    fieldContextTypes: fieldContextTypes({ ...parts, own }),
  }
  return { [name]: { ...ofPlugin, ...ruled } }
}

function readConfig(config: AuthXPresetConfig): Required<AuthXPresetConfig> {
  checkNames('presetConfig', config, DEFAULTS)
  const { defaultPolicy, typesFrom } = { ...DEFAULTS, ...config }
  return {
    defaultPolicy: oneOf('presetConfig.defaultPolicy', defaultPolicy, DEFAULT_POLICIES),
    typesFrom: text('presetConfig.typesFrom', typesFrom),
  }
}

function schemaOf({ schemaAst, baseOutputDir }: OutputOptions): GraphQLSchema {
  if (isSchema(schemaAst)) return schemaAst
  throw new ConfigurationError(
    `${baseOutputDir}: the generator hands over no schema of the graphql that graphql-authx uses; see that one copy of it is installed (npm ls graphql)`,
  )
}

function only(plugin: Plugin): { name: string; config: PluginConfig } {
  const [[name, config] = ['', {}]] = Object.entries(plugin)
  return { name, config: (config ?? {}) as PluginConfig }
}

function isForResolvers(plugin: Plugin): boolean {
  return only(plugin).name.endsWith('typescript-resolvers')
}

/** They would be put around what the rules say, and say it of every `@auth`, whatever its arguments are. */
function refuseOurDirectives({ directiveContextTypes = [] }: PluginConfig): void {
  const ours = (directiveContextTypes as readonly string[]).find((entry) =>
    /^(auth|optionalToken)#/.test(entry),
  )
  if (ours === undefined) return
  throw new ConfigurationError(
    `directiveContextTypes: '${ours}' is what authxPreset does from the rules themselves; take it away`,
  )
}
