/** The API's server: checks, routes and the OpenAPI document, in one process for several accounts. */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import helmet from '@fastify/helmet';
import fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyRequest } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import type { HttpMetrics } from '../ops/metrics/http.ts';
import type { ReadinessCheck } from '../ops/readiness.ts';
import { issueWords } from '../rules/issue-words.ts';
import { traceRequests } from '../tracing/requests.ts';
import { type Facts, NO_TRACING } from '../tracing/tracing.ts';
import type { AccountDoor } from './account-door.ts';
import type { Api } from './api.ts';
import { addAuth, callerOf, requireAccount } from './auth.ts';
import { noAccount, noRoute } from './nothing-there.ts';
import { addOpenApi } from './openapi.ts';
import { Origins } from './origins.ts';
import { addPage, PAGE_FOLDER } from './page-files.ts';
import { sendProblem } from './problem.ts';
import { openBoard } from './queues/board.ts';
import { addQueues } from './queues/routes.ts';
import { REQUEST_LIMIT_MS, refuseBytes } from './refuse-bytes.ts';
import { decisionRoutes } from './routes/decisions.ts';
import { explanationRoutes } from './routes/explanations.ts';
import { fleetRoutes } from './routes/fleet.ts';
import { forecastRoutes } from './routes/forecasts.ts';
import { haltRoutes } from './routes/halts.ts';
import { healthRoutes } from './routes/health.ts';
import { historyRoutes } from './routes/history.ts';
import { orderRoutes } from './routes/orders.ts';
import { planRoutes } from './routes/plans.ts';
import { refusalRoutes } from './routes/refusals.ts';
import { sessionRoutes } from './routes/session.ts';
import { statusRoutes } from './routes/status.ts';
import { stealRoutes } from './routes/steals.ts';
import { streamRoutes } from './routes/streams.ts';
import { Sessions } from './sessions.ts';
import type { Tokens } from './tokens.ts';

export type ApiOptions = {
  doors: readonly AccountDoor[];
  tokens: Tokens;
  log: Logger;
  host: string;
  /** 0: any free port. */
  port: number;
  /** Further origins under which it is called, such as `https://trade.example.com`. */
  origins?: readonly string[];
  /** What /readyz answers. */
  checks: () => ReadinessCheck[];
  /** Of one token; default 500. */
  requestsPerSecond?: number;
  /** Where answers and streams are counted. */
  metrics?: HttpMetrics;
  /** Where the built page lies; default dist/page. */
  page?: string;
  /** How the view of the queues is opened; default: bull-board, where it is installed. */
  board?: typeof openBoard;
};

export type ApiServer = { readonly url: string; readonly app: Api; close(): Promise<void> };

const MAX_BODY_BYTES = 65_536;
const MAX_CONNECTIONS = 2_000;
const REQUEST_ID = /^[\w.-]{1,64}$/;

/** Every route below `/v1/accounts/{account}`, one file a resource. A new file is added here. */
const ACCOUNT_ROUTES: readonly ((api: Api) => void)[] = [
  statusRoutes,
  orderRoutes,
  planRoutes,
  forecastRoutes,
  stealRoutes,
  refusalRoutes,
  historyRoutes,
  fleetRoutes,
  explanationRoutes,
  haltRoutes,
  decisionRoutes,
];

/**
 * Starts the API and listens.
 * @throws WorkstealError `settings` if it can't listen there
 */
export async function startApi(options: ApiOptions): Promise<ApiServer> {
  const app = await makeApi(options);
  const { host, port } = options;
  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    throw cannotListen(error as NodeJS.ErrnoException, host, port);
  }
  return { url: urlOf(app), app, close: () => app.close() };
}

/** The API without a port. */
export async function makeApi(options: ApiOptions): Promise<Api> {
  const {
    doors,
    tokens,
    log,
    host,
    origins = [],
    checks,
    requestsPerSecond = 500,
    page = PAGE_FOLDER,
    board = openBoard,
  } = options;
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    requestIdHeader: false,
    genReqId: ({ headers }) => {
      const sent = headers['x-request-id'];
      return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : randomUUID();
    },
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      return sendProblem(error, request, reply, log);
    },
    clientErrorHandler: refuseBytes,
    requestTimeout: REQUEST_LIMIT_MS,
    http: { headersTimeout: REQUEST_LIMIT_MS, connectionsCheckingInterval: REQUEST_LIMIT_MS / 2 },
    // `why/{id}` takes a steal as the history names it.
    routerOptions: { maxParamLength: 512 },
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxConnections = MAX_CONNECTIONS;
  // A request that expects something else than `100-continue` is answered as any other.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.setValidatorCompiler(({ schema, httpPart = 'body' }) => validator(schema as z.ZodType, httpPart));
  app.setSerializerCompiler(serializerCompiler);
  addJsonParser(app);
  options.metrics?.count(app);
  traceRequests(app, doors[0]?.ledger.tracing ?? NO_TRACING, '/v1/accounts/', tracedFacts);
  app.setErrorHandler((error, request, reply) => sendProblem(error, request, reply, log));
  app.addHook('onRequest', async (request, reply) => void reply.header('x-request-id', request.id));
  app.addHook('onSend', async (_request, reply) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
  });
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] },
    },
    strictTransportSecurity: false, // for the proxy with TLS to say
  });
  const sessions = new Sessions();
  const cookieName = (): string => `worksteal_${portOf(app)}`;
  const parts = { tokens, sessions, origins: new Origins(host, origins), cookieName, requestsPerSecond };
  addAuth(app, parts);
  logWrites(app, log);
  app.setNotFoundHandler((request, reply) => sendProblem(noRoute(), request, reply, log));
  await addOpenApi(app);
  await app.register(async (api) => {
    healthRoutes(api as Api, checks);
    sessionRoutes(api as Api, { ...parts, accounts: doors.map(({ account }) => account) });
    api.get('/v1/openapi.json', { config: { scope: 'none' }, schema: { hide: true } }, () => app.swagger());
  });
  await app.register(async (pages) => addPage(pages, page, log));
  await app.register(async (queues) => addQueues(queues, doors, board));
  await app.register(accountPlugin(doors, options.metrics), { prefix: '/v1/accounts/:account' });
  await app.ready();
  return app;
}

/** The routes of one account: the path names it, and the caller's token must reach it. */
function accountPlugin(doors: readonly AccountDoor[], metrics?: HttpMetrics): FastifyPluginAsync {
  const byName = new Map(doors.map((door) => [door.account, door]));
  return async (api) => {
    api.decorateRequest('accountDoor', null);
    api.addHook('onRequest', async (request) => {
      const { account = '' } = request.params as { account?: string };
      requireAccount(callerOf(request), account);
      const door = byName.get(account);
      if (door === undefined) throw noAccount();
      request.accountDoor = door;
    });
    for (const add of ACCOUNT_ROUTES) add(api as Api);
    streamRoutes(api as Api, (open) => metrics?.streams(open));
  };
}

/** Of a token its name. */
function tracedFacts({ params, caller }: FastifyRequest): Facts {
  const { account, id } = (params ?? {}) as { account?: string; id?: string };
  return { 'worksteal.account': account, 'worksteal.id': id, 'worksteal.token': caller?.name };
}

/** Who changed what, for the record. */
function logWrites(app: FastifyInstance, log: Logger): void {
  app.addHook('onResponse', async (request, { statusCode, elapsedTime }) => {
    const { method, id, caller, routeOptions } = request;
    const facts = { requestId: id, token: caller?.name, method, route: routeOptions.url, status: statusCode };
    const level = method === 'GET' || caller === null ? 'debug' : 'info';
    log[level](
      { ...facts, ms: Math.round(elapsedTime) },
      `api: ${method} ${routeOptions.url ?? '(no route)'}`,
    );
  });
}

/** A part of a request as its schema has it. @throws WorkstealError `invalid` that names every fault */
function validator(schema: z.ZodType, part: string) {
  return (data: unknown): { value: unknown } | { error: Error } => {
    const parsed = schema.safeParse(data, { error: issueWords });
    if (parsed.success) return { value: parsed.data };
    const where = part === 'querystring' ? 'query' : part;
    const faults = parsed.error.issues.slice(0, 10).map(({ path, message }) => {
      const field = [where, ...path].join('.');
      return `${field}: ${message}`;
    });
    const field = [where, ...(parsed.error.issues[0]?.path ?? [])].join('.');
    return { error: new WorkstealError('invalid', faults.join('; '), { field }) };
  };
}

/** JSON alone; an empty body is no body. */
function addJsonParser(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined);
    return parse(request, body as string, done);
  });
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

function urlOf(app: FastifyInstance): string {
  const { address, family } = app.server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${portOf(app)}`;
}

function cannotListen({ code, message }: NodeJS.ErrnoException, host: string, port: number): WorkstealError {
  const taken = `${host}:${port} is taken by another process (EADDRINUSE)`;
  const why = code === 'EADDRINUSE' ? taken : `cannot listen on ${host} (${message})`;
  return new WorkstealError(
    'settings',
    `WORKSTEAL_API_PORT=${port}: ${why}`,
    { WORKSTEAL_API_PORT: String(port) },
    undefined,
    'choose another port; 0 takes a free one',
  );
}
