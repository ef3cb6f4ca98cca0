/**
 * Sends one request. It keeps two promises that `fetch` cannot keep (I1, I4; docs/decisions/0012):
 *
 * - `mayLeave` is called on an open connection, in the same turn of the event loop in which the bytes are
 *   handed to the kernel. A process that was suspended does not send an outdated request when it resumes.
 * - When the caller gives a request up, its connection is reset. The kernel then discards the bytes that it
 *   has not delivered, instead of retransmitting them for minutes while the network is down.
 */
import {
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls';

const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Connections of this process to one host; further requests wait for a free one. */
const MAX_CONNECTIONS = 128;

export type Transmission = {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: string | undefined;
  /** Ends the request and the wait for its answer. */
  signal: AbortSignal;
  /** The last check before the bytes are written. */
  mayLeave: () => boolean;
};

export type Reception = { status: number; headers: IncomingHttpHeaders; text: string };

/** `mayLeave` returned false: nothing of the request left this process. */
export class NotSent extends Error {}

/** TLS connection -> the TCP connection below it, which can be reset. */
const tcpBelow = new WeakMap<Duplex, Socket>();

class ResettableHttpsAgent extends HttpsAgent {
  override createConnection(options: ConnectionOptions): TLSSocket {
    const tcp = connectTcp({ host: options.host ?? 'localhost', port: options.port ?? 443 });
    const tls = connectTls({ ...options, socket: tcp });
    tcpBelow.set(tls, tcp);
    return tls;
  }
}

const AGENT_OPTIONS = { keepAlive: true, maxSockets: MAX_CONNECTIONS, noDelay: true };
const plain = new HttpAgent(AGENT_OPTIONS);
const secure = new ResettableHttpsAgent(AGENT_OPTIONS);

/** Sends the request at most once. @throws NotSent; the connection's error; the signal's reason */
export async function transmit({
  method,
  url,
  headers,
  body,
  signal,
  mayLeave,
}: Transmission): Promise<Reception> {
  signal.throwIfAborted();
  const isSecure = url.protocol === 'https:';
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options = { method, headers: { ...headers, ...length } };
  const request = isSecure
    ? httpsRequest(url, { ...options, agent: secure })
    : httpRequest(url, { ...options, agent: plain });
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const giveUp = (reason: Error): void => {
    reject(reason);
    if (request.socket) reset(request.socket);
    request.destroy(reason);
  };
  const onAbort = (): void => giveUp(signal.reason as Error);
  signal.addEventListener('abort', onAbort, { once: true });
  request.on('error', reject);
  request.once('response', resolve);
  request.once('socket', (socket) => {
    const send = (): void => {
      if (request.destroyed) return;
      if (mayLeave()) request.end(body);
      else giveUp(new NotSent('it is too late to send it'));
    };
    const isReady = isSecure
      ? (socket as TLSSocket).encrypted && !socket.connecting && request.reusedSocket
      : !socket.connecting;
    if (isReady) send();
    else socket.once(isSecure ? 'secureConnect' : 'connect', send);
  });
  try {
    const response = await promise;
    return { status: response.statusCode ?? 0, headers: response.headers, text: await readBody(response) };
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** RST instead of FIN: the kernel discards the bytes that it still holds. */
function reset(socket: Duplex): void {
  const tcp = tcpBelow.get(socket) ?? (socket as Socket);
  tcp.resetAndDestroy();
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BODY_BYTES) throw new Error(`a body of more than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
