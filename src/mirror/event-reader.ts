/**
 * One reader of an account's events for all who listen in this process. It keeps its place over restarts and
 * failovers of Redis: a listener gets each event once, in order, or is told that some may be missing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { answerOf } from '../ledger/answer.ts';
import { type LedgerEvent, readEvent } from '../ledger/events.ts';
import { key } from '../ledger/keys.ts';
import { ReadPace } from '../ledger/read-pace.ts';
import { begin, connect } from '../redis/connect.ts';
import { lastIdOf, type ResetReason, whyNotResumable } from './resume.ts';
import { BEFORE_ALL, compareIds } from './stream-id.ts';

export type StreamListener = {
  onEvent: (event: LedgerEvent) => void;
  /** Events may be missing before `id`, where the reader goes on. */
  onReset: (reason: ResetReason, id: string) => void;
};

const BLOCK_MS = 1_000;
/** Longer than BLOCK_MS: without any answer by then the connection is dead. */
const SILENCE_LIMIT_MS = 5_000;
const BATCH = 500;
const RETRY_MS = 250;

export class EventReader {
  readonly #url: string;
  readonly #account: string;
  readonly #log: Pick<Logger, 'warn'>;
  readonly #listeners = new Set<StreamListener>();
  readonly #stopping = new AbortController();
  readonly #stream: string;
  #lastId: string | undefined;
  #isWell = false;
  #reading: Promise<void> = Promise.resolve();

  constructor(url: string, account: string, log: Pick<Logger, 'warn'>) {
    this.#url = url;
    this.#account = account;
    this.#log = log;
    this.#stream = key(account, 'events');
  }

  /** Starts after this id. */
  start(after: string): void {
    this.#lastId = after;
    this.#reading = this.#read();
  }

  /** The last event that was given to the listeners, or the place where the reader began. */
  get lastId(): string {
    return this.#lastId ?? BEFORE_ALL;
  }

  /** Does it read now? */
  get isWell(): boolean {
    return this.#isWell;
  }

  /** Listens to what comes after `lastId`, until the returned function is called. */
  listen(listener: StreamListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const redis = connect(this.#url, this.#account, {
        lazyConnect: true,
        retryStrategy: () => null,
        maxRetriesPerRequest: 0,
        socketTimeout: SILENCE_LIMIT_MS,
      });
      redis.on('error', () => {});
      const stop = () => redis.disconnect();
      signal.addEventListener('abort', stop, { once: true });
      try {
        await begin(redis, this.#url);
        await this.#follow(redis);
      } catch (error) {
        if (this.#isWell && !signal.aborted)
          this.#log.warn({ err: error }, 'events: the stream could not be read, trying again');
      } finally {
        this.#isWell = false;
        signal.removeEventListener('abort', stop);
        redis.disconnect();
      }
      await sleep(RETRY_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** Reads until the connection fails. */
  async #follow(redis: Redis): Promise<void> {
    await this.#resetIfLost(redis);
    this.#isWell = true;
    const pace = new ReadPace();
    while (!this.#stopping.signal.aborted) {
      const from = this.lastId;
      const reading = redis.xread('COUNT', BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', this.#stream, from);
      const answer = await answerOf('events', reading);
      const events = (answer?.[0]?.[1] ?? []).map(([id, flat]) => readEvent(id, flat));
      if (await this.#isLost(redis, events.length === 0)) {
        await this.#resetIfLost(redis);
        continue;
      }
      for (const event of events) {
        this.#lastId = event.id;
        this.#tell((listener) => listener.onEvent(event));
      }
      if (events.length > 0) await pace.pause(this.#stopping.signal);
    }
  }

  /** Is the last event gone? A wiped stream that is written at once shows nothing else. */
  async #isLost(redis: Redis, isIdle: boolean): Promise<boolean> {
    if (isIdle) return compareIds(await lastIdOf(redis, this.#stream), this.lastId) < 0;
    if (this.lastId === BEFORE_ALL) return false;
    const same = redis.xrange(this.#stream, this.lastId, this.lastId, 'COUNT', 1);
    return (await answerOf('events', same)).length === 0;
  }

  async #resetIfLost(redis: Redis): Promise<void> {
    const reason = await whyNotResumable(redis, this.#stream, this.lastId);
    if (reason === undefined) return;
    const id = await lastIdOf(redis, this.#stream);
    this.#lastId = id;
    this.#tell((listener) => listener.onReset(reason, id));
  }

  #tell(call: (listener: StreamListener) => void): void {
    for (const listener of [...this.#listeners]) {
      try {
        call(listener);
      } catch (error) {
        this.#log.warn({ err: error }, 'events: a listener threw');
      }
    }
  }
}
