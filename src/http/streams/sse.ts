/** Server-sent events: framing, heartbeat, and an end for clients that do not read. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { callerOf } from '../auth.ts';

export type Frame = { id?: string; event: string; data: unknown };

const HEARTBEAT_MS = 10_000;
/** How soon a client comes back after an end. */
const RETRY_MS = 1_000;
/** What a client may leave unread; beyond, its connection is closed, and it resumes. */
const MAX_BUFFER_BYTES = 1_048_576;
/** Whoever sends much at once waits above this, and so long at most. */
const HIGH_WATER_BYTES = 262_144;
const DRAIN_LIMIT_MS = 30_000;

/** An open stream. It ends when the client goes, its token is revoked, or it reads too slowly. */
export class SseStream {
  readonly #raw: FastifyReply['raw'];
  readonly #ended = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;

  /** Takes the answer over from fastify. */
  constructor(request: FastifyRequest, reply: FastifyReply) {
    const { revoked } = callerOf(request);
    reply.hijack();
    this.#raw = reply.raw;
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) this.#raw.setHeader(name, value);
    this.#raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      // A proxy must neither hold frames back nor compress them.
      'x-accel-buffering': 'no',
    });
    const end = (): void => this.end();
    revoked.addEventListener('abort', end, { once: true });
    this.#ended.signal.addEventListener('abort', () => revoked.removeEventListener('abort', end), {
      once: true,
    });
    this.#raw.on('close', end);
    this.#raw.on('error', end);
    this.#heartbeat = setInterval(() => this.#write(':\n\n'), HEARTBEAT_MS);
    this.#heartbeat.unref();
    this.#write(`retry: ${RETRY_MS}\n\n`);
    if (revoked.aborted) end();
  }

  /** Aborts when the stream has ended. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  send(frame: Frame): void {
    this.#write(frameText(frame));
  }

  /** A frame that was made for several streams (`frameBytes`). */
  sendBytes(bytes: Buffer): void {
    this.#write(bytes);
  }

  /** Resolves when the client has read most of what was sent, or the stream has ended. */
  async drained(): Promise<void> {
    while (!this.ended.aborted && this.#raw.writableLength > HIGH_WATER_BYTES) {
      // What is corked is not sent yet. The system may take all of it, and no `drain` follows then.
      if (this.#raw.writableCorked > 0) {
        await nextTurn();
        continue;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      const go = (): void => resolve();
      this.#raw.once('drain', go);
      this.ended.addEventListener('abort', go, { once: true });
      const limit = setTimeout(() => this.end(), DRAIN_LIMIT_MS);
      await promise;
      clearTimeout(limit);
      this.#raw.off('drain', go);
      this.ended.removeEventListener('abort', go);
    }
  }

  end(): void {
    if (this.ended.aborted) return;
    this.#ended.abort();
    clearInterval(this.#heartbeat);
    if (this.#raw.writableLength > HIGH_WATER_BYTES) this.#raw.destroy();
    else this.#raw.end();
  }

  #write(text: string | Buffer): void {
    if (this.ended.aborted) return;
    // What is sent at once goes out as one.
    if (this.#raw.writableCorked === 0) {
      this.#raw.cork();
      process.nextTick(() => this.#raw.uncork());
    }
    this.#raw.write(text);
    if (this.#raw.writableLength > MAX_BUFFER_BYTES) this.end();
  }
}

/** A frame for several streams: encoded once. */
export function frameBytes(frame: Frame): Buffer {
  return Buffer.from(frameText(frame));
}

/** A frame as it is sent. JSON has no line breaks, so one line of data is enough. */
function frameText({ id, event, data }: Frame): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
}
