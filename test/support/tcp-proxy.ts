/**
 * A TCP proxy that simulates a bad network between a role and Redis, the broker or its stream. It listens on
 * loopback and does not interpret the bytes, so it works for websockets too. Its buffer is bounded: it stops
 * reading from a side that sends faster than the other reads, or than the delay allows.
 */
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** What one direction of a connection may hold back; beyond it the sender waits. */
const MAX_HELD_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 2_000;

export type Upstream = { host: string; port: number };

export type TcpProxy = {
  /** The port that it listens on, on 127.0.0.1. */
  readonly port: number;
  /** Pairs of connections that are open now. */
  readonly connections: number;
  /** Bytes that it has received and not passed on yet. */
  readonly heldBytes: number;
  /** Where a client connects to, such as `redis://127.0.0.1:40001`. */
  url(scheme: 'redis' | 'http'): string;
  /** Connections from now on go there; those that are open stay where they are. */
  retarget(upstream: Upstream): void;
  /** Resets every connection, and each new one right after it was accepted, until `heal`. */
  cut(): void;
  /**
   * Half-open: connections stay and new ones are taken, but nothing is read in either direction, until
   * `heal`.
   */
  stall(): void;
  /**
   * The same for the connections that are open now, for good: as where a router forgot them. New ones work.
   */
  forget(): void;
  /** From now on every byte arrives so much later, both ways. 0: at once. */
  delay(ms: number): void;
  /**
   * The next so many connections that get bytes from upstream are given the first half of them and are reset.
   */
  resetInReply(connections: number): void;
  /**
   * Everything as it should be. Connections that were stalled or forgotten are reset, and what they had not
   * delivered is thrown away, as by a network that lost it.
   */
  heal(): void;
  /** Resets what is open and stops listening. */
  close(): Promise<void>;
};

/** What all connections go by. */
type Weather = { mode: 'fair' | 'cut' | 'stalled'; delayMs: number; resetsInReply: number };

/** What a lane passes on of what it got; `isLast`: the connection is reset when that has been delivered. */
type Cut = (bytes: Buffer) => { bytes: Buffer; isLast: boolean };

/** One direction of a connection. */
class Lane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #held: { bytes: Buffer; dueMs: number; isLast: boolean }[] = [];
  readonly #onLast: () => void;
  #heldBytes = 0;
  #ended = false;
  #sinkFull = false;
  #stalled = false;
  #isCut = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(from: Socket, to: Socket, weather: Weather, cut: Cut, onLast: () => void) {
    this.#from = from;
    this.#to = to;
    this.#onLast = onLast;
    from.on('data', (got: Buffer) => {
      if (this.#isCut) return;
      const { bytes, isLast } = cut(got);
      this.#isCut = isLast;
      this.#held.push({ bytes, isLast, dueMs: performance.now() + weather.delayMs });
      this.#heldBytes += bytes.length;
      this.#move();
    });
    from.on('end', () => {
      this.#ended = true;
      this.#move();
    });
    to.on('drain', () => {
      this.#sinkFull = false;
      this.#move();
    });
    this.#move();
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#held.length = 0;
    this.#from.pause();
  }

  /** Passes on what is due, and reads on where there is room. */
  #move(): void {
    clearTimeout(this.#timer);
    if (this.#stalled) return void this.#from.pause();
    for (let next = this.#held[0]; next !== undefined && !this.#sinkFull; next = this.#held[0]) {
      const waitMs = next.dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#move(), Math.ceil(waitMs));
        break;
      }
      this.#held.shift();
      this.#heldBytes -= next.bytes.length;
      this.#sinkFull = !this.#to.write(next.bytes, next.isLast ? this.#onLast : undefined);
    }
    if (this.#ended && this.#held.length === 0) this.#to.end();
    else if (this.#heldBytes >= MAX_HELD_BYTES || this.#sinkFull) this.#from.pause();
    else this.#from.resume();
  }

  /** Nothing is read and nothing passed on any more. */
  stall(): void {
    this.#stalled = true;
    this.#move();
  }
}

/** A client's connection and the one to the server behind it: they end together. */
class Pair {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #lanes: Lane[];
  #isStalled = false;

  constructor(client: Socket, upstream: Upstream, weather: Weather, onClose: () => void) {
    this.#client = client;
    this.#server = connect({ ...upstream, allowHalfOpen: true });
    for (const socket of [client, this.#server]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.reset());
      socket.on('close', (hadError) => {
        if (hadError) this.reset();
        if (client.destroyed && this.#server.destroyed) onClose();
      });
    }
    const whole: Cut = (bytes) => ({ bytes, isLast: false });
    const half: Cut = (bytes) => {
      if (weather.resetsInReply <= 0) return whole(bytes);
      weather.resetsInReply -= 1;
      return { bytes: bytes.subarray(0, bytes.length >> 1), isLast: true };
    };
    const reset = () => this.reset();
    this.#lanes = [
      new Lane(client, this.#server, weather, whole, reset),
      new Lane(this.#server, client, weather, half, reset),
    ];
  }

  get heldBytes(): number {
    return this.#lanes.reduce((sum, lane) => sum + lane.heldBytes, 0);
  }

  get isStalled(): boolean {
    return this.#isStalled;
  }

  stall(): void {
    this.#isStalled = true;
    for (const lane of this.#lanes) lane.stall();
  }

  reset(): void {
    for (const lane of this.#lanes) lane.stop();
    for (const socket of [this.#client, this.#server]) if (!socket.destroyed) resetNow(socket);
  }
}

/** A connection that is not made yet can't be reset, only given up. */
function resetNow(socket: Socket): void {
  if (socket.connecting) socket.destroy();
  else socket.resetAndDestroy();
}

/** Starts a proxy on a free port of 127.0.0.1. */
export async function startProxy(upstream: Upstream): Promise<TcpProxy> {
  const weather: Weather = { mode: 'fair', delayMs: 0, resetsInReply: 0 };
  let target = upstream;
  const pairs = new Set<Pair>();
  /** Taken while it stalls: nobody is asked upstream, for nothing will ever be passed on. */
  const waiting = new Set<Socket>();

  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (client) => {
    client.on('error', () => {});
    if (weather.mode === 'cut' || pairs.size + waiting.size >= MAX_CONNECTIONS)
      return void client.resetAndDestroy();
    if (weather.mode === 'stalled') {
      waiting.add(client);
      client.once('close', () => waiting.delete(client));
      return;
    }
    const pair: Pair = new Pair(client, target, weather, () => pairs.delete(pair));
    pairs.add(pair);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  function reset(which: (pair: Pair) => boolean): void {
    for (const pair of [...pairs]) if (which(pair)) pair.reset();
    for (const client of [...waiting]) client.resetAndDestroy();
  }

  return {
    port,
    get connections() {
      return pairs.size + waiting.size;
    },
    get heldBytes() {
      return [...pairs].reduce((sum, pair) => sum + pair.heldBytes, 0);
    },
    url: (scheme) => `${scheme}://127.0.0.1:${port}`,
    retarget(next) {
      target = next;
    },
    cut() {
      weather.mode = 'cut';
      reset(() => true);
    },
    stall() {
      weather.mode = 'stalled';
      for (const pair of pairs) pair.stall();
    },
    forget() {
      for (const pair of pairs) pair.stall();
    },
    delay(ms) {
      weather.delayMs = Math.max(0, ms);
    },
    resetInReply(connections) {
      weather.resetsInReply = connections;
    },
    heal() {
      reset((pair) => pair.isStalled);
      Object.assign(weather, { mode: 'fair', delayMs: 0, resetsInReply: 0 });
    },
    async close() {
      weather.mode = 'cut';
      reset(() => true);
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
