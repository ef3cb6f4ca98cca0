/** Requests to a server of this process, and the streams that it has open. */
import type { FastifyInstance } from 'fastify';
import type { Counter, Gauge, Histogram } from 'prom-client';
import { type Instruments, REQUEST_SECONDS } from './instruments.ts';

/** The route of a request that no route matches: paths are the caller's, and would make series. */
const NO_ROUTE = '(none)';

export class HttpMetrics {
  readonly #requests: Counter<'route' | 'method' | 'status'>;
  readonly #seconds: Histogram<'route' | 'method'>;
  readonly #streams: Gauge;

  constructor(instruments: Instruments) {
    this.#requests = instruments.counter(
      'http_requests_total',
      "Answers of this server by the route's pattern, method and status",
      ['route', 'method', 'status'],
    );
    this.#seconds = instruments.seconds(
      'http_request_seconds',
      'How long a request took; streams are left out',
      REQUEST_SECONDS,
      ['route', 'method'],
    );
    this.#streams = instruments.gauge(
      'event_streams',
      'Open streams: events and live of serve, trade_updates of a gateway and of the exchange',
    );
    this.#streams.set(0);
  }

  streams(open: number): void {
    this.#streams.set(open);
  }

  /** Counts every answer of this server. To be called before its routes are added. */
  count(app: FastifyInstance): void {
    app.addHook('onResponse', async ({ method, routeOptions }, reply) => {
      const route = routeOptions.url ?? NO_ROUTE;
      this.#requests.inc({ route, method, status: String(reply.raw.statusCode) });
      const isStream = String(reply.raw.getHeader('content-type') ?? '').startsWith('text/event-stream');
      if (!isStream) this.#seconds.observe({ route, method }, reply.elapsedTime / 1_000);
    });
  }
}
