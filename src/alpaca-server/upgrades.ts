/** Requests for another protocol on their connection: a websocket at /stream, and nothing else. */
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { AlpacaError } from './errors.ts';

/**
 * Is it for the stream? Any other request is answered as one that asks for no upgrade: some clients offer
 * HTTP/2 with every request.
 */
export function isStreamUpgrade({ url = '', headers }: IncomingMessage): boolean {
  return /^\/stream(\?|$)/.test(url) && headers.upgrade?.toLowerCase() === 'websocket';
}

/** Answers an upgrade with an error, and ends the connection. */
export function refuseUpgrade(socket: Duplex, error: AlpacaError): void {
  socket.on('error', () => socket.destroy());
  const body = JSON.stringify(error.body());
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(error.status === 503 ? ['Retry-After: 1'] : []),
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
