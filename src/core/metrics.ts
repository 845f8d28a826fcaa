import { type Counter, createNoopMeter, type Meter, type MeterProvider, metrics } from '@opentelemetry/api'
import { ConfigurationError } from './configuration-error.ts'

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
