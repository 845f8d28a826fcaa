import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { describe, expect, test, vi } from 'vitest'
import { Replica } from '../../src/core/replica/replica.ts'
import { createAuthX } from '../../src/index.ts'
import { memory } from '../../src/stores/memory.ts'
import { farStore } from '../harness/far-store.ts'
import { guarded, inProcess } from '../harness/graphql.ts'
import { openAuthX } from '../harness/instance.ts'
import { SECRET } from '../harness/keys.ts'

/** What was counted, each as `event reason: count`. */
function meter() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1_000_000 })
  const meterProvider = new MeterProvider({ readers: [reader] })
  return {
    meterProvider,
    async counted(): Promise<string[]> {
      const { resourceMetrics } = await reader.collect()
      const metrics = resourceMetrics.scopeMetrics.flatMap((scope) => scope.metrics)
      const events = metrics.find(({ descriptor }) => descriptor.name === 'authx.events')
      return (events?.dataPoints ?? [])
        .map(({ attributes, value }) => `${Object.values(attributes).join(' ')}: ${value}`)
        .sort()
    },
  }
}

describe('metrics', () => {
  test('OPS-07: count requests that passed or were refused, once each however many fields they have', async () => {
    const { meterProvider, counted } = meter()
    const { authx } = openAuthX({ meterProvider })
    const api = await inProcess(authx, guarded(authx, 'type Query { a: Int @auth b: Int @auth c: Int }'))
    const token = await authx.createAccessToken({ sub: 'ada' })
    await api.query('{ a b one: a }', { token })
    await api.query('{ a b c }', { token })
    await api.query('{ a b }')
    await api.query('{ c }', { token })
    await authx.revoke({ token })
    await api.query('{ a b }', { token })
    authx.setTokenBlocklistCallback(() => Promise.reject(new Error('down')))
    await api.query('{ a b }', { token })
    expect(await counted()).toEqual([
      'accepted: 2',
      'refused REVOCATION_UNAVAILABLE: 1',
      'refused TOKEN_MISSING: 1',
      'refused TOKEN_REVOKED: 1',
      'revoke REVOKED: 1',
    ])
  })

  test('OPS-07: count logins, refreshes, thefts and ends', async () => {
    const { meterProvider, counted } = meter()
    const authx = createAuthX({ secret: SECRET, sessions: memory(), refreshGrace: 0, meterProvider })
    const pair = await authx.sessions.login({ sub: 'ada' })
    const claims = await authx.verify(pair.refreshToken, { type: 'refresh' })
    await authx.sessions.refresh(claims)
    await expect(authx.sessions.refresh(claims)).rejects.toMatchObject({ reason: 'TOKEN_REUSED' })
    expect(await counted()).toEqual([
      'login LOGIN: 1',
      'refresh ROTATED: 1',
      'reuse TOKEN_REUSED: 1',
      'revoke TOKEN_REUSED: 1',
    ])
    await authx.close()
  })

  test('OPS-07: tell of the copy of the revocations until the instance is closed', async () => {
    const { meterProvider, counted } = meter()
    const looks = vi.spyOn(Replica.prototype, 'status')
    const { authx } = openAuthX({ blocklist: farStore().store, meterProvider })
    await counted()
    expect(looks).toHaveBeenCalledTimes(8)
    await authx.close()
    await counted()
    expect(looks).toHaveBeenCalledTimes(8)
  })

  test('hear nothing of a self-test, nor of what introspection considers', async () => {
    const { meterProvider, counted } = meter()
    const { authx } = openAuthX({ meterProvider, introspection: 'caller' })
    const schema = guarded(authx, 'type Query { a: Int @auth }')
    await authx.selfTest(schema)
    expect(await counted()).toEqual([])
  })

  test('want a provider that is one', () => {
    expect(() => openAuthX({ meterProvider: {} as never })).toThrow(
      'meterProvider: must be a MeterProvider of OpenTelemetry',
    )
  })
})
