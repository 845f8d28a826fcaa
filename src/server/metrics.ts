import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { Plugin } from 'graphql-yoga'

/** What the server counts, for Prometheus to fetch. */
export class ServerMetrics {
  readonly provider: MeterProvider
  readonly #reader = new PrometheusExporter({ preventServerStart: true })
  readonly #serializer = new PrometheusSerializer(undefined, false, undefined, true, true)

  constructor() {
    this.provider = new MeterProvider({ readers: [this.#reader] })
  }

  /** In Prometheus' text format. */
  async text(): Promise<string> {
    const { resourceMetrics } = await this.#reader.collect()
    return this.#serializer.serialize(resourceMetrics)
  }

  /** Answers `GET /metrics`. */
  plugin(): Plugin {
    return {
      onRequest: ({ url, request, fetchAPI, endResponse }) => {
        if (request.method !== 'GET' || url.pathname !== '/metrics') return
        const headers = {
          'Content-Type': 'text/plain; version=0.0.4; charset=utf-8',
          'Cache-Control': 'no-store',
        }
        return this.text().then((text) => endResponse(new fetchAPI.Response(text, { headers })))
      },
    }
  }
}
