/**
 * This process's one connection to the account's events, shared by all listeners. An event is a hint: who
 * acts on it asks the ledger, by a read or by the command that it sends next. After a lost connection,
 * `onGap` says that events may be missing.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { followEvents, type LedgerEvent } from '../ledger/events.ts';
import { ReadPace } from '../ledger/read-pace.ts';

export type EventListener = { onEvent: (event: LedgerEvent) => void; onGap?: () => void };

const RESTART_MS = 500;

export class EventFeed {
  readonly #listeners = new Set<EventListener>();
  readonly #stopping = new AbortController();
  readonly #log: Pick<Logger, 'warn'>;
  readonly #pace = new ReadPace();
  #following: Promise<void> = Promise.resolve();

  /** Follows `account`'s events from now on, until `close`. */
  constructor(url: string, account: string, log: Pick<Logger, 'warn'>) {
    this.#log = log;
    this.#following = this.#follow(url, account);
  }

  /** Listens until the returned function is called. What a listener throws is only logged. */
  listen(listener: EventListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Reads each event at once until the returned function is called: somebody waits for one. */
  hurry(): () => void {
    return this.#pace.hurry();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.#following;
  }

  async #follow(url: string, account: string): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await followEvents(
          url,
          account,
          (event) => this.#tell((listener) => listener.onEvent(event)),
          signal,
          { onGap: () => this.#gap(), pace: this.#pace },
        );
      } catch (error) {
        this.#log.warn({ err: error }, 'events: the stream could not be read, starting again');
        this.#gap();
        await sleep(RESTART_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  #gap(): void {
    if (!this.#stopping.signal.aborted) this.#tell((listener) => listener.onGap?.());
  }

  #tell(call: (listener: EventListener) => void): void {
    for (const listener of [...this.#listeners]) {
      try {
        call(listener);
      } catch (error) {
        this.#log.warn({ err: error }, 'events: a listener threw');
      }
    }
  }
}
