/**
 * A server of the trade_updates stream at /stream: both forms of authentication, `listen`, JSON in binary
 * frames. Nothing is replayed: a client that connects, or lost a message, lists orders over REST.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { AlpacaError } from './errors.ts';
import { refuseUpgrade } from './upgrades.ts';

const MAX_MESSAGE_BYTES = 65_536;
/** RFC 6455, 7.4.1. */
const POLICY_VIOLATION = 1008;

/**
 * `maxUnsentBytes`: a client that reads too slowly is disconnected; it reconnects and lists orders.
 * `authMs`: the time limit for its authentication. `pingMs`: one that was silent between two pings is
 * disconnected; without it nobody is asked.
 */
export type UpdatesLimits = {
  maxClients?: number;
  /** Open connections with the same keys; one more is refused. Default: no limit. */
  maxOfOne?: number;
  maxUnsentBytes?: number;
  authMs?: number;
  pingMs?: number;
  /** Told how many are connected, whenever that changes. */
  onClients?: (count: number) => void;
};

const authSchema = z.union([
  z.object({ action: z.literal('auth'), key: z.string(), secret: z.string() }),
  z
    .object({
      action: z.literal('authenticate'),
      data: z.object({ key_id: z.string(), secret_key: z.string() }),
    })
    .transform(({ action, data }) => ({ action, key: data.key_id, secret: data.secret_key })),
]);
const listenSchema = z.object({
  action: z.literal('listen'),
  data: z.object({ streams: z.array(z.string().max(64)).max(16) }),
});

/** `who`: whose keys they are, once the client is authorized. */
type Client<Who> = { socket: WebSocket; who: Who | undefined; listens: boolean; alive: boolean };

export class UpdatesServer<Who> {
  readonly #server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  readonly #clients = new Set<Client<Who>>();
  readonly #authorize: (key: string, secret: string) => Who | undefined;
  readonly #maxClients: number;
  readonly #maxOfOne: number;
  readonly #maxUnsentBytes: number;
  readonly #authMs: number;
  readonly #pinging: NodeJS.Timeout | undefined;
  readonly #onClients: (count: number) => void;

  /** @param authorize whose keys these are; undefined for unknown ones */
  constructor(
    authorize: (key: string, secret: string) => Who | undefined,
    {
      maxClients = 1_000,
      maxOfOne = Number.POSITIVE_INFINITY,
      maxUnsentBytes = 16 * 1024 * 1024,
      authMs = 60_000,
      pingMs,
      onClients = () => {},
    }: UpdatesLimits = {},
  ) {
    this.#authorize = authorize;
    this.#server.on('wsClientError', ({ message }, socket) =>
      refuseUpgrade(socket, new AlpacaError(400, 40010000, message)),
    );
    this.#maxClients = maxClients;
    this.#maxOfOne = maxOfOne;
    this.#maxUnsentBytes = maxUnsentBytes;
    this.#authMs = authMs;
    this.#onClients = onClients;
    if (pingMs !== undefined) this.#pinging = setInterval(() => this.#ping(), pingMs).unref();
  }

  get hasClients(): boolean {
    return this.#clients.size > 0;
  }

  /** Handles an HTTP upgrade request (upgrades.ts says which). */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without this listener a client that resets its connection meanwhile would crash the process.
    socket.on('error', () => socket.destroy());
    if (this.#clients.size >= this.#maxClients)
      return refuseUpgrade(socket, new AlpacaError(503, 50310000, 'too many connections'));
    this.#server.handleUpgrade(request, socket, head, (webSocket) => this.#welcome(webSocket));
  }

  /** Does anybody of these listen? */
  hasListener(isFor: (who: Who) => boolean): boolean {
    for (const { who, listens } of this.#clients) if (listens && who !== undefined && isFor(who)) return true;
    return false;
  }

  /** Sends a frame of `encode` to each client that listens and that `isFor` names. */
  send(frame: Buffer, isFor: (who: Who) => boolean): void {
    for (const { socket, who, listens } of this.#clients) {
      if (!listens || who === undefined || !isFor(who)) continue;
      this.#send(socket, frame);
    }
  }

  /** Breaks the connections of these clients; without `isOf`, of all. */
  disconnect(isOf: (who: Who | undefined) => boolean = () => true): void {
    for (const { socket, who } of this.#clients) if (isOf(who)) socket.terminate();
  }

  close(): void {
    clearInterval(this.#pinging);
    this.disconnect();
    this.#server.close();
  }

  #welcome(socket: WebSocket): void {
    const client: Client<Who> = { socket, who: undefined, listens: false, alive: true };
    this.#clients.add(client);
    this.#onClients(this.#clients.size);
    const tooLate = setTimeout(() => {
      if (client.who === undefined) socket.terminate();
    }, this.#authMs);
    socket.on('close', () => {
      clearTimeout(tooLate);
      this.#clients.delete(client);
      this.#onClients(this.#clients.size);
    });
    socket.on('error', () => socket.terminate());
    socket.on('pong', () => {
      client.alive = true;
    });
    socket.on('message', (data) => {
      client.alive = true;
      this.#answer(client, parseJson(data));
    });
  }

  #ping(): void {
    for (const client of this.#clients) {
      if (!client.alive) client.socket.terminate();
      else if (client.socket.readyState === WebSocket.OPEN) client.socket.ping();
      client.alive = false;
    }
  }

  #send(socket: WebSocket, frame: Buffer): void {
    if (socket.bufferedAmount > this.#maxUnsentBytes) socket.terminate();
    else if (socket.readyState === WebSocket.OPEN) socket.send(frame);
  }

  #reply({ socket }: Client<Who>, message: object): void {
    this.#send(socket, encode(message));
  }

  #countOf(who: Who): number {
    let count = 0;
    for (const client of this.#clients) if (client.who === who) count += 1;
    return count;
  }

  /** In the words of Alpaca's streams of market data. */
  #turnAway(client: Client<Who>, action: string): void {
    client.who = undefined;
    const [code, message] = [406, 'connection limit exceeded'];
    const data = { status: 'unauthorized', action, code, message };
    this.#reply(client, { stream: 'authorization', data });
    client.socket.close(POLICY_VIOLATION, message);
  }

  #answer(client: Client<Who>, message: unknown): void {
    const auth = authSchema.safeParse(message);
    if (auth.success) {
      const { key, secret, action } = auth.data;
      client.who = this.#authorize(key, secret);
      if (client.who !== undefined && this.#countOf(client.who) > this.#maxOfOne)
        return this.#turnAway(client, action);
      const status = client.who === undefined ? 'unauthorized' : 'authorized';
      this.#reply(client, { stream: 'authorization', data: { status, action } });
      return;
    }
    const listen = listenSchema.safeParse(message);
    if (!listen.success) {
      this.#reply(client, {
        stream: 'error',
        data: { error: 'unknown message; use auth, authenticate or listen' },
      });
    } else if (client.who === undefined) {
      this.#reply(client, { stream: 'authorization', data: { status: 'unauthorized', action: 'listen' } });
    } else {
      const streams = listen.data.data.streams.filter((name) => name === 'trade_updates');
      client.listens = streams.length > 0;
      this.#reply(client, { stream: 'listening', data: { streams } });
    }
  }
}

/** A message as the stream's binary frame. */
export function encode(message: object): Buffer {
  return Buffer.from(JSON.stringify(message));
}

function parseJson(data: RawData): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    return undefined;
  }
}
