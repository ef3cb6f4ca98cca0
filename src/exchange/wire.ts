/**
 * Common to all routes: request id, authentication, rate limit, faults, error bodies.
 */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ZodError } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import type { PaperAccount } from './accounts.ts';
import type { Exchange } from './exchange.ts';
import type { Faults } from './faults.ts';
import { ExchangeRefusal, unprocessable } from './refusals.ts';

/** Returns the account with these keys; undefined for unknown keys. */
export type Authorize = (key: string, secret: string) => PaperAccount | undefined;

/** Request -> the account of its keys. */
const owners = new WeakMap<FastifyRequest, PaperAccount>();

/** The account of an authorized request. */
export function accountOf(request: FastifyRequest): PaperAccount {
  const account = owners.get(request);
  if (account === undefined) throw new WorkstealError('bug', `${request.url} was not authorized`);
  return account;
}

export function exchangeOf(request: FastifyRequest): Exchange {
  return accountOf(request).exchange;
}

function header(request: FastifyRequest, name: string): string {
  const value = request.headers[name];
  return typeof value === 'string' ? value : '';
}

/** Hooks for the routes that a real broker also has. */
export function addBrokerHooks(app: FastifyInstance, authorize: Authorize, faults: Faults): void {
  app.addHook('onRequest', async (request, reply) => {
    const { rejectKeys } = faults.settings();
    if (rejectKeys === 403) throw new ExchangeRefusal(403, 40310000, 'forbidden.');
    const account = authorize(header(request, 'apca-api-key-id'), header(request, 'apca-api-secret-key'));
    if (account === undefined || rejectKeys === 401)
      throw new ExchangeRefusal(401, 40110000, 'request is not authorized');
    owners.set(request, account);
    const { limits } = account;
    const isData = isMarketData(request);
    const limited = !isData && faults.strikes('limitRequests');
    const answer = limited ? limits.trading.refuse() : (isData ? limits.data : limits.trading).take();
    reply.headers(answer.headers);
    if (!answer.allowed) throw new ExchangeRefusal(429, 42910000, 'rate limit exceeded');
    if (!isData && faults.strikes('failRequests')) {
      throw new ExchangeRefusal(faults.settings().failStatus, 50010000, 'internal server error occurred');
    }
  });

  app.addHook('onSend', async (request) => {
    const { answerDelayMs } = faults.settings();
    if (answerDelayMs > 0 && !isMarketData(request)) await sleep(answerDelayMs, undefined, { ref: false });
  });
}

function isMarketData({ url }: FastifyRequest): boolean {
  return url.startsWith('/v2/stocks/') || url.startsWith('/v1beta3/');
}

/** Hooks and handlers for every route. */
export function addCommonHooks(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers }, reply) => {
    if (headers['content-type'] === '') delete headers['content-type'];
    reply.header('X-Request-ID', randomUUID().replaceAll('-', ''));
  });

  takeEmptyBodies(app);

  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).send({ code: 40410000, message: 'endpoint not found.' });
  });

  app.setErrorHandler((error: FastifyError | Error, _request, reply) => sendError(error, reply));
}

/**
 * Some clients send a DELETE with an empty content type, or with a JSON content type but no body.
 * Like Alpaca, accepts any content type on a request without a body.
 */
function takeEmptyBodies(app: FastifyInstance): void {
  const json = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, undefined);
    else json(request, body as string, done);
  });
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    if (body === '') done(null, undefined);
    else done(new ExchangeRefusal(415, 40010000, 'request body format is invalid: it must be JSON'));
  });
}

/** Sends the response for an error that a route or hook threw. */
export function sendError(error: FastifyError | Error, reply: FastifyReply): void {
  if (error instanceof ExchangeRefusal) {
    reply.code(error.status).send(error.body());
  } else if (error instanceof WorkstealError && error.code === 'invalid') {
    reply.code(422).send({ code: 40010001, message: error.message });
  } else if (error instanceof ZodError) {
    const { path = [], message = 'the request is malformed' } = error.issues[0] ?? {};
    const refusal = unprocessable([path.join('.'), message].filter((part) => part !== '').join(': '));
    reply.code(refusal.status).send(refusal.body());
  } else if ('statusCode' in error && error.statusCode !== undefined && error.statusCode < 500) {
    reply.code(error.statusCode).send({ code: 40010000, message: 'request body format is invalid' });
  } else {
    reply.code(500).send({ code: 50010000, message: `internal server error occurred: ${error.message}` });
  }
}

const CLIENT_ERRORS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers bytes that are not an HTTP request, and closes the connection: later bytes cannot be parsed either.
 */
export function refuseBytes({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = CLIENT_ERRORS[code] ?? 400;
  const body = JSON.stringify({ code: 40010000, message: 'the request is malformed' });
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n${body}`);
}
