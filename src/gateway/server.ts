/** The gateway's server: Alpaca's trading protocol towards bots. */
import type { FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import { AlpacaError } from '../alpaca-server/errors.ts';
import { alpacaServer, NO_ANSWER } from '../alpaca-server/server.ts';
import { WorkstealError } from '../domain/errors.ts';
import type { HttpMetrics } from '../ops/metrics/http.ts';
import { traceRequests } from '../tracing/requests.ts';
import { addAuth } from './auth.ts';
import type { Bots } from './bots.ts';
import type { Gateway } from './gateway.ts';
import { orderRoutes } from './orders/routes.ts';
import { passingRoutes } from './passing-routes.ts';
import { positionRoutes } from './positions/routes.ts';
import { ofError } from './refusals.ts';
import { Updates } from './updates.ts';

export type GatewayOptions = {
  gateway: Gateway;
  bots: Bots;
  log: Logger;
  host: string;
  /** 0: any free port. */
  port: number;
  /** Of one bot; default 500. */
  requestsPerSecond?: number;
  /** Of one bot; default: as many as in 60 such seconds. */
  requestsPerMinute?: number;
  /** Open connections of one bot for trade_updates; default 100. */
  streams?: number;
  /** The longest that any request waits for its answer; default: what the steps of one may take, and 10 s. */
  answerLimitMs?: number;
  /** Where answers and streams are counted. */
  metrics?: HttpMetrics;
};

export type GatewayServer = { readonly url: string; close(): Promise<void> };

const MAX_CONNECTIONS = 5_000;
/** For Redis, and for the bot's own bytes. */
const GRACE_MS = 10_000;

/**
 * Starts the gateway and listens.
 * @throws WorkstealError `settings` if it can't listen there
 */
export async function startGateway(options: GatewayOptions): Promise<GatewayServer> {
  const { gateway, bots, log, host, port, requestsPerSecond = 500, metrics } = options;
  const { requestsPerMinute = 60 * requestsPerSecond, streams = 100 } = options;
  const { answerLimitMs = gateway.settings.waitMs + 2 * gateway.requestTimeoutMs + GRACE_MS } = options;
  const app = alpacaServer((error) => translated(error, log), undefined, answerLimitMs);
  app.server.maxConnections = MAX_CONNECTIONS;
  metrics?.count(app);
  traceRequests(app, gateway.door.ledger.tracing, '/v2/', () => ({
    'worksteal.account': gateway.door.account,
  }));
  app.get('/healthz', () => ({ status: 'ok' }));
  await app.register(async (api: FastifyInstance) => {
    addAuth(api, bots, { perSecond: requestsPerSecond, perMinute: requestsPerMinute });
    orderRoutes(api, gateway);
    positionRoutes(api, gateway);
    passingRoutes(api, gateway);
  });
  const onClients = (open: number) => metrics?.streams(open);
  const updates = new Updates(gateway, bots, { maxOfOne: streams, onClients });
  app.server.on('upgrade', (request, socket, head) => updates.upgrade(request, socket, head));
  try {
    const url = await listen(app, host, port);
    return {
      url,
      async close() {
        await updates.close();
        await app.close();
      },
    };
  } catch (error) {
    await updates.close();
    throw error;
  }
}

/** An error as Alpaca says it; of a fault of this program the bot is told nothing. */
function translated(error: Error, log: Logger): AlpacaError | undefined {
  if (error instanceof AlpacaError) return undefined;
  const told = ofError(error);
  if (told !== undefined) return told;
  const { statusCode = 500, name, code } = error as Error & { statusCode?: number; code?: string };
  if (statusCode < 500 || name === 'ZodError' || code === NO_ANSWER) return undefined;
  log.error({ err: error }, 'gateway: a fault');
  return new AlpacaError(500, 50010000, 'internal server error occurred');
}

async function listen(app: FastifyInstance, host: string, port: number): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (error) {
    await app.close();
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'another process has this port, EADDRINUSE' : message;
    throw new WorkstealError(
      'settings',
      `WORKSTEAL_GATEWAY_PORT=${port}: cannot listen on ${host}:${port} (${why})`,
      { WORKSTEAL_GATEWAY_PORT: String(port) },
      error,
      'choose another port; 0 takes a free one',
    );
  }
}
