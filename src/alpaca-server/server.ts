/** What every server of Alpaca's protocol does alike: request ids, empty bodies, bodies of errors. */
import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { ZodError } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { AlpacaError, unprocessable } from './errors.ts';
import { isStreamUpgrade } from './upgrades.ts';

const MAX_BODY_BYTES = 65_536;
/** A request that has not arrived by then is refused, ms. */
const REQUEST_LIMIT_MS = 10_000;

/** Fastify's code for a request that had no answer in time. */
export const NO_ANSWER = 'FST_ERR_HANDLER_TIMEOUT';

/** The answer to an error that is none of the protocol's; undefined for the usual one. */
export type Translate = (error: FastifyError | Error) => AlpacaError | undefined;

/**
 * A server without routes.
 * @param translate what an error of its own becomes
 * @param answerLimitMs a request without an answer by then gets 500; its work goes on. Default: no limit
 */
export function alpacaServer(
  translate: Translate = () => undefined,
  requestLimitMs = REQUEST_LIMIT_MS,
  answerLimitMs?: number,
): FastifyInstance {
  const send = (error: FastifyError | Error, reply: FastifyReply): void => {
    const told = errorOf(translate(error) ?? error);
    reply.code(told.status).send(told.body());
  };
  const app = fastify({
    bodyLimit: MAX_BODY_BYTES,
    forceCloseConnections: true,
    frameworkErrors: (error, _request, reply) => send(error, reply),
    clientErrorHandler: refuseBytes,
    requestTimeout: requestLimitMs,
    ...(answerLimitMs !== undefined && { handlerTimeout: answerLimitMs }),
    http: {
      headersTimeout: requestLimitMs,
      connectionsCheckingInterval: requestLimitMs / 2,
      shouldUpgradeCallback: isStreamUpgrade,
    },
  });
  // A request that expects something else than `100-continue` is answered as any other.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.addHook('onRequest', async ({ headers }, reply) => {
    if (headers['content-type'] === '') delete headers['content-type'];
    reply.header('X-Request-ID', randomUUID().replaceAll('-', ''));
  });
  takeEmptyBodies(app);
  app.setNotFoundHandler((_request, reply) => {
    reply.code(404).send({ code: 40410000, message: 'endpoint not found.' });
  });
  app.setErrorHandler((error: FastifyError | Error, _request, reply) => send(error, reply));
  return app;
}

/** The keys of a request; '' for a missing one. */
export function keysOf({ headers }: FastifyRequest): { key: string; secret: string } {
  const text = (name: string): string => {
    const value = headers[name];
    return typeof value === 'string' ? value : '';
  };
  return { key: text('apca-api-key-id'), secret: text('apca-api-secret-key') };
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
    else done(new AlpacaError(415, 40010000, 'request body format is invalid: it must be JSON'));
  });
}

/** What an error that a route or hook threw is answered with. */
function errorOf(error: FastifyError | Error): AlpacaError {
  if (error instanceof AlpacaError) return error;
  if (error instanceof WorkstealError && error.code === 'invalid') return unprocessable(error.message);
  if (error instanceof ZodError) {
    const { path = [], message = 'the request is malformed' } = error.issues[0] ?? {};
    return unprocessable([path.join('.'), message].filter((part) => part !== '').join(': '));
  }
  if ('code' in error && error.code === NO_ANSWER) return unanswered();
  if ('statusCode' in error && error.statusCode === 413)
    return new AlpacaError(413, 40010000, `request body is larger than ${MAX_BODY_BYTES} bytes`);
  if ('statusCode' in error && error.statusCode !== undefined && error.statusCode < 500)
    return new AlpacaError(error.statusCode, 40010000, 'request body format is invalid');
  return new AlpacaError(500, 50010000, `internal server error occurred: ${error.message}`);
}

function unanswered(): AlpacaError {
  const next = 'what it has done stands: look at your orders before you send it again';
  return new AlpacaError(500, 50010000, `internal server error occurred: no answer in time; ${next}`);
}

const CLIENT_ERRORS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers bytes that are not an HTTP request, and closes the connection: later bytes cannot be parsed either.
 */
function refuseBytes({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const status = CLIENT_ERRORS[code] ?? 400;
  const body = JSON.stringify({ code: 40010000, message: 'the request is malformed' });
  const headers = `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}\r\n\r\n${body}`);
}
