/** What is answered to bytes that are no HTTP request. */
import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { WorkstealError } from '../domain/errors.ts';
import { HttpError, PROBLEM_TYPE, problemOf } from './problem.ts';

/** How long a client may take to send a request. */
export const REQUEST_LIMIT_MS = 10_000;

/** What Node's parser says of bytes, besides that they are no request. */
const CLIENT_ERRORS: Readonly<Record<string, () => Error>> = {
  HPE_HEADER_OVERFLOW: () => new HttpError('too_large', 'the headers are too large'),
  ERR_HTTP_REQUEST_TIMEOUT: () =>
    new WorkstealError('timeout', `the request did not arrive within ${REQUEST_LIMIT_MS / 1_000} s`),
};

/** Answers bytes that are no HTTP request, and closes the connection: later bytes can't be read either. */
export function refuseBytes({ code = '' }: NodeJS.ErrnoException, socket: Socket): void {
  if (code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const id = randomUUID();
  const error = CLIENT_ERRORS[code]?.() ?? new WorkstealError('invalid', 'the request is malformed');
  const problem = problemOf(error, id);
  const body = JSON.stringify(problem);
  const headers = [
    `HTTP/1.1 ${problem.status} ${problem.code}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-ID: ${id}`,
    'Connection: close',
  ];
  socket.end(`${headers.join('\r\n')}\r\n\r\n${body}`);
}
