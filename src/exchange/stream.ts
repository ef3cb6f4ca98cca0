/**
 * The trade_updates stream at /stream: both forms of authentication, `listen`, JSON in binary frames. Nothing
 * is replayed: a client that connects, or lost a message, lists orders over REST.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { Faults } from './faults.ts';
import type { TradeUpdateJson } from './order-desk.ts';
import type { Authorize } from './wire.ts';

const MAX_CLIENTS = 1000;
const MAX_MESSAGE_BYTES = 65_536;
/** At most this many updates are delayed by a fault at once; further ones are sent immediately. */
const MAX_LATE = 10_000;
/** A client that reads too slowly is disconnected; it reconnects and lists orders. */
const MAX_UNSENT_BYTES = 16 * 1024 * 1024;

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

/** `account`: the account's number, once the client is authorized. */
type Client = { socket: WebSocket; account: string | undefined; listens: boolean };

export class UpdateStream {
  private readonly server = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE_BYTES });
  private readonly clients = new Set<Client>();
  /** Timers of updates that a fault delays. */
  private readonly late = new Set<NodeJS.Timeout>();
  private readonly authorize: Authorize;
  private readonly faults: Faults;

  constructor(authorize: Authorize, faults: Faults) {
    this.authorize = authorize;
    this.faults = faults;
  }

  /** Handles an HTTP upgrade request. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // Without this listener a client that resets its refused connection would crash the process.
    socket.on('error', () => socket.destroy());
    const isStream = /^\/stream(\?|$)/.test(request.url ?? '');
    if (!isStream || this.clients.size >= MAX_CLIENTS) {
      socket.end(
        `HTTP/1.1 ${isStream ? '503 Service Unavailable' : '404 Not Found'}\r\nConnection: close\r\n\r\n`,
      );
      return;
    }
    this.server.handleUpgrade(request, socket, head, (webSocket) => this.welcome(webSocket));
  }

  /** Sends an update to the clients of an account, given by its number. */
  publish(account: string, update: TradeUpdateJson): void {
    if (this.clients.size === 0 || this.faults.strikes('dropUpdates', 'dropUpdateRate')) return;
    const frame = encode({ stream: 'trade_updates', data: update });
    const isLate = this.late.size < MAX_LATE && this.faults.strikes('delayUpdates', 'delayUpdateRate');
    const times = this.faults.strikes('duplicateUpdates', 'duplicateUpdateRate') ? 2 : 1;
    if (!isLate) return this.send(account, frame, times);
    const timer = setTimeout(() => {
      this.late.delete(timer);
      this.send(account, frame, times);
    }, this.faults.settings().delayUpdateMs);
    this.late.add(timer);
  }

  private send(account: string, frame: Buffer, times: number): void {
    for (const client of this.clients) {
      if (!client.listens || client.account !== account) continue;
      if (client.socket.bufferedAmount > MAX_UNSENT_BYTES) client.socket.terminate();
      else for (let sent = 0; sent < times; sent += 1) client.socket.send(frame);
    }
  }

  disconnectAll(): void {
    for (const { socket } of this.clients) socket.terminate();
  }

  close(): void {
    for (const timer of this.late) clearTimeout(timer);
    this.disconnectAll();
    this.server.close();
  }

  private welcome(socket: WebSocket): void {
    const client: Client = { socket, account: undefined, listens: false };
    this.clients.add(client);
    socket.on('close', () => this.clients.delete(client));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data) => this.answer(client, parseJson(data)));
  }

  private answer(client: Client, message: unknown): void {
    const auth = authSchema.safeParse(message);
    if (auth.success) {
      const rejected = this.faults.settings().rejectKeys !== null;
      client.account = rejected ? undefined : this.authorize(auth.data.key, auth.data.secret)?.number;
      const status = client.account === undefined ? 'unauthorized' : 'authorized';
      send(client, { stream: 'authorization', data: { status, action: auth.data.action } });
      return;
    }
    const listen = listenSchema.safeParse(message);
    if (!listen.success) {
      send(client, { stream: 'error', data: { error: 'unknown message; use auth, authenticate or listen' } });
    } else if (client.account === undefined) {
      send(client, { stream: 'authorization', data: { status: 'unauthorized', action: 'listen' } });
    } else {
      const streams = listen.data.data.streams.filter((name) => name === 'trade_updates');
      client.listens = streams.length > 0;
      send(client, { stream: 'listening', data: { streams } });
    }
  }
}

function encode(message: object): Buffer {
  return Buffer.from(JSON.stringify(message));
}

function send(client: Client, message: object): void {
  if (client.socket.readyState === WebSocket.OPEN) client.socket.send(encode(message));
}

function parseJson(data: RawData): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    return undefined;
  }
}
