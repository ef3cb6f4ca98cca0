/**
 * What a process answers over HTTP: `GET /metrics` for Prometheus, `/healthz` (it lives) and `/readyz` (it
 * can do its work: 200, else 503).
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WorkstealError } from '../domain/errors.ts';
import type { Identity, Metrics } from './metrics/metrics.ts';
import type { Readiness } from './readiness.ts';

const MAX_CONNECTIONS = 20;
const REQUEST_LIMIT_MS = 5_000;

export type ProcessServer = { readonly url: string; close(): Promise<void> };

export type ProcessServerParts = { identity: Identity; metrics: Metrics; readiness: Readiness };

/**
 * @param port 0: any free port; see `url`, the address of the metrics
 * @throws WorkstealError `settings` when it can't listen there
 */
export async function serveProcess(
  parts: ProcessServerParts,
  { port, host }: { port: number; host: string },
): Promise<ProcessServer> {
  const limits = {
    requestTimeout: REQUEST_LIMIT_MS,
    headersTimeout: REQUEST_LIMIT_MS,
    connectionsCheckingInterval: REQUEST_LIMIT_MS,
  };
  const server = createServer(limits, (request, response) => void answer(parts, request, response));
  server.maxConnections = MAX_CONNECTIONS;
  try {
    server.listen({ port, host });
    await once(server, 'listening');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const taken = `${host}:${port} is taken by another process (EADDRINUSE)`;
    const why = code === 'EADDRINUSE' ? taken : `cannot listen on ${host} (${message})`;
    throw new WorkstealError(
      'settings',
      `WORKSTEAL_METRICS_PORT=${port}: ${why}`,
      { WORKSTEAL_METRICS_PORT: String(port) },
      error,
      'give each process of a host its own port; 0 takes a free one',
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
  { identity, metrics, readiness }: ProcessServerParts,
  { method, url }: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const route = url?.split('?', 1)[0];
  if (route !== '/metrics' && route !== '/healthz' && route !== '/readyz')
    return void response.writeHead(404).end('there are /metrics, /healthz and /readyz\n');
  if (method !== 'GET' && method !== 'HEAD')
    return void response.writeHead(405, { allow: 'GET, HEAD' }).end();
  if (route === '/healthz') return sendJson(response, 200, { schema: 1, ...identity });
  if (route === '/readyz') {
    const checks = readiness.checks();
    const ready = checks.every(({ well }) => well);
    return sendJson(response, ready ? 200 : 503, { schema: 1, ...identity, ready, checks });
  }
  try {
    const text = await metrics.text();
    response.writeHead(200, { 'content-type': metrics.contentType }).end(text);
  } catch {
    response.writeHead(500).end();
  }
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' };
  response.writeHead(status, headers).end(`${JSON.stringify(body)}\n`);
}
