/**
 * Errors over HTTP, `application/problem+json` (RFC 9457). One code has one status. A refusal by the rules is
 * a result, not an error: it is answered with 200.
 */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isResponseSerializationError } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import { z } from 'zod';
import { type ErrorCode, WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';

/** What only a request over HTTP can do wrong. */
const OF_HTTP = {
  unauthenticated: { status: 401, retriable: false, next: 'send a valid token: Authorization: Bearer TOKEN' },
  forbidden: { status: 403, retriable: false, next: 'use a token whose scope and accounts allow it' },
  too_large: { status: 413, retriable: false, next: 'send a smaller request' },
  too_many_requests: { status: 429, retriable: true, next: 'send it again after Retry-After seconds' },
} as const;

export type HttpCode = keyof typeof OF_HTTP;
export type ProblemCode = ErrorCode | HttpCode;

const STATUS_OF_ERROR: Readonly<Record<ErrorCode, number>> = {
  invalid: 422,
  contradiction: 409,
  unknown: 404,
  unavailable: 503,
  damaged: 503,
  refused: 502,
  // The server's own keys at the broker: it stands aside until they are right.
  keys: 503,
  account: 503,
  unclear: 504,
  timeout: 504,
  settings: 500,
  missing: 500,
  bug: 500,
};

/** Every code with its status. */
export const STATUS_OF: Readonly<Record<ProblemCode, number>> = {
  ...STATUS_OF_ERROR,
  unauthenticated: OF_HTTP.unauthenticated.status,
  forbidden: OF_HTTP.forbidden.status,
  too_large: OF_HTTP.too_large.status,
  too_many_requests: OF_HTTP.too_many_requests.status,
};

const CODES = Object.keys(STATUS_OF) as [ProblemCode, ...ProblemCode[]];
const RETRY_AFTER_SECONDS = 1;
const MAX_QUOTED = 300;

export const PROBLEM_TYPE = 'application/problem+json';

export const PROBLEM = z
  .strictObject({
    type: z.string().describe('urn:worksteal:problem:CODE'),
    status: z.int().describe('the HTTP status'),
    code: z.enum(CODES).describe('what kind of error'),
    detail: z.string().describe('what is wrong, and where'),
    retriable: z.boolean().describe('whether the same request may succeed later'),
    next: z.string().describe('what to do about it'),
    details: z
      .record(z.string(), z.string().describe('a value'))
      .describe('offending fields and their values'),
    requestId: z.string().describe('as in X-Request-ID'),
  })
  .describe('An error.');

export type Problem = z.output<typeof PROBLEM>;

/** An error that only HTTP has: who asks, or how. */
export class HttpError extends Error {
  readonly code: HttpCode;
  readonly details: Readonly<Record<string, string>>;
  readonly next: string;

  constructor(
    code: HttpCode,
    message: string,
    details: Record<string, string> = {},
    next: string = OF_HTTP[code].next,
  ) {
    super(message);
    this.name = 'HttpError';
    this.code = code;
    this.details = details;
    this.next = next;
  }
}

/** The problem that an error becomes. Of an error that is not the project's own nothing is told. */
export function problemOf(error: unknown, requestId: string): Problem {
  if (error instanceof HttpError) return problem(error.code, error, OF_HTTP[error.code].retriable, requestId);
  if (error instanceof WorkstealError && error.code !== 'bug')
    return problem(error.code, error, error.retriable, requestId);
  const ofFramework = fromFramework(error);
  if (ofFramework !== undefined) return problemOf(ofFramework, requestId);
  const { next } = new WorkstealError('bug', '');
  const hidden = { message: 'a fault of this server; its log has the request id', next, details: {} };
  return problem('bug', hidden, false, requestId);
}

function problem(
  code: ProblemCode,
  { message, next, details }: { message: string; next: string; details: Readonly<Record<string, string>> },
  retriable: boolean,
  requestId: string,
): Problem {
  const type = `urn:worksteal:problem:${code}`;
  return { type, status: STATUS_OF[code], code, detail: message, retriable, next, details, requestId };
}

/** An error of fastify's about the request: a body that is too large, is no JSON, has another type. */
function fromFramework(error: unknown): HttpError | WorkstealError | undefined {
  const {
    statusCode = 500,
    code = '',
    message = '',
  } = error as Partial<Error> & {
    statusCode?: number;
    code?: string;
  };
  if (statusCode < 400 || statusCode > 499) return undefined;
  if (statusCode === 413) return new HttpError('too_large', 'the body is too large');
  const words =
    code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE'
      ? 'content-type: must be application/json'
      : shown(message, MAX_QUOTED); // it may quote the request
  return new WorkstealError('invalid', words);
}

/** Answers a request with the problem that the error is. */
export function sendProblem(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
): FastifyReply {
  const told = problemOf(error, request.id);
  if (told.code === 'bug')
    log.error({ err: error, ...faultsOf(error), requestId: request.id }, 'api: a fault');
  if (told.status === 503 || told.status === 429) reply.header('retry-after', RETRY_AFTER_SECONDS);
  if (told.status === 401) reply.header('www-authenticate', 'Bearer realm="worksteal"');
  return reply.code(told.status).type(PROBLEM_TYPE).send(JSON.stringify(told));
}

/** Where an answer was not what its schema says. */
function faultsOf(error: unknown): object {
  const known = error instanceof Error && isResponseSerializationError(error);
  return known ? { faults: (error.cause as z.ZodError).issues.slice(0, 5) } : {};
}
