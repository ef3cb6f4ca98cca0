/** Serves a process's metrics to Prometheus: `GET /metrics`, and nothing else. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WorkstealError } from '../domain/errors.ts';
import type { Metrics } from './metrics.ts';

const MAX_CONNECTIONS = 20;
const REQUEST_LIMIT_MS = 5_000;

export type MetricsServer = { readonly url: string; close(): Promise<void> };

/**
 * @param port 0: any free port; see `url`
 * @throws WorkstealError `settings` when it can't listen there
 */
export async function serveMetrics(
  metrics: Metrics,
  { port, host }: { port: number; host: string },
): Promise<MetricsServer> {
  const limits = {
    requestTimeout: REQUEST_LIMIT_MS,
    headersTimeout: REQUEST_LIMIT_MS,
    connectionsCheckingInterval: REQUEST_LIMIT_MS,
  };
  const server = createServer(limits, (request, response) => void answer(metrics, request, response));
  server.maxConnections = MAX_CONNECTIONS;
  try {
    server.listen({ port, host });
    await once(server, 'listening');
  } catch (error) {
    const why = (error as Error).message;
    const next = 'each process needs its own port; 0 takes a free one';
    throw new WorkstealError(
      'settings',
      `WORKSTEAL_METRICS_PORT=${port}: ${why}; ${next}`,
      { WORKSTEAL_METRICS_PORT: String(port) },
      error,
    );
  }
  server.on('error', () => {}); // A failed accept only affects the scraper.
  const { address, family, port: given } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${given}/metrics`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function answer(
  metrics: Metrics,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (url?.split('?', 1)[0] !== '/metrics')
    return void response.writeHead(404).end('the metrics are at /metrics\n');
  if (method !== 'GET' && method !== 'HEAD')
    return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  try {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  } catch {
    response.writeHead(500).end();
  }
}
