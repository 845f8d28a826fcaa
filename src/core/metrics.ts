import {
  type Counter,
  createNoopMeter,
  type Meter,
  type MeterProvider,
  metrics,
  type ObservableResult,
} from '@opentelemetry/api'
import { ConfigurationError } from './configuration-error.ts'
import type { ReplicaStatus } from './replica/status.ts'

/** What is counted: a request that passed a rule, and what the audit stream tells. */
export type CountedEvent = 'accepted' | 'refused' | 'login' | 'refresh' | 'reuse' | 'revoke'

/**
 * The counters and gauges of one instance, through OpenTelemetry's API. Without an SDK they cost next to nothing and go nowhere.
 *
 * No attribute ever holds who it was about.
 */
export class Metrics {
  /** For the gauges of a part that has some. */
  readonly meter: Meter
  readonly #events: Counter

  /** @param provider default: the one that is registered with the API, before this is made */
  constructor(provider: MeterProvider = metrics.getMeterProvider()) {
    this.meter = provider.getMeter('graphql-authx')
    this.#events = this.meter.createCounter('authx.events', {
      description:
        'Requests that passed a rule or were refused, each once by reason; logins, refreshes, reuses and revocations.',
    })
  }

  /** @param reason of a refusal, or as the audit stream has it */
  count(event: CountedEvent, reason?: string): void {
    this.#events.add(1, reason === undefined ? { event } : { event, reason })
  }
}

/** What is told of a copy of the revocations. */
const REPLICA: readonly Gauge[] = [
  {
    name: 'age_seconds',
    unit: 's',
    about: 'How old the copy of the revocations may be',
    value: ({ age }) => seconds(age),
  },
  {
    name: 'poll_seconds',
    unit: 's',
    about: 'What the last look at the log took',
    value: ({ lastPoll }) => seconds(lastPoll),
  },
  { name: 'entries', about: 'Revocations that are known and in force', value: ({ entries }) => entries },
  { name: 'polls', counts: true, about: 'Looks at the log', value: ({ polls }) => polls },
  { name: 'failed_polls', counts: true, about: 'Looks that failed', value: ({ failedPolls }) => failedPolls },
  { name: 'waits', counts: true, about: 'Checks that had to wait for a look', value: ({ waits }) => waits },
  { name: 'refusals', counts: true, about: 'Checks that failed closed', value: ({ refusals }) => refusals },
  {
    name: 'losses',
    counts: true,
    about: 'How often the store had lost revocations',
    value: ({ losses }) => losses,
  },
]

interface Gauge {
  readonly name: string
  readonly about: string
  readonly unit?: string
  /** Whether it only ever grows. */
  readonly counts?: true
  /** Undefined where there is nothing to tell yet. */
  value(status: ReplicaStatus): number | undefined
}

function seconds(milliseconds: number | null): number | undefined {
  return milliseconds === null ? undefined : milliseconds / 1000
}

/** Tells how a copy fares, whenever somebody looks. Answers with what ends it. */
export function observeReplica({ meter }: Metrics, status: () => ReplicaStatus): () => void {
  const ends = REPLICA.map(({ name, about, unit, counts = false, value }) => {
    const options = { description: `${about}.`, ...(unit === undefined ? {} : { unit }) }
    const full = `authx.replica.${name}`
    const instrument = counts
      ? meter.createObservableCounter(full, options)
      : meter.createObservableGauge(full, options)
    const observe = (result: ObservableResult): void => {
      const observed = value(status())
      if (observed !== undefined) result.observe(observed)
    }
    instrument.addCallback(observe)
    return () => instrument.removeCallback(observe)
  })
  return () => {
    for (const end of ends) end()
  }
}

/** Counts into nothing. */
export function noMetrics(): Metrics {
  return new Metrics({ getMeter: createNoopMeter })
}

/** @throws ConfigurationError */
export function readMetrics(provider: MeterProvider | undefined): Metrics {
  if (provider !== undefined && typeof provider?.getMeter !== 'function') {
    throw new ConfigurationError('meterProvider: must be a MeterProvider of OpenTelemetry')
  }
  return new Metrics(provider)
}
