/**
 * Waits for the grants of pending thieves, and renews their leases. The event of a grant ends the wait, any
 * other one makes it read the order; a slow poll makes up for lost events.
 */
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import type { OrderWish } from '../domain/order.ts';
import { renew } from '../ledger/commands/renew.ts';
import { type LedgerOrder, readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { EventFeed } from './event-feed.ts';

export type GrantOptions = {
  ledger: Ledger;
  events: Pick<EventFeed, 'listen' | 'hurry'>;
  leaseMs: number;
  log: Pick<Logger, 'warn'>;
  /** How often every waiting order is read, without an event; default 1 s. */
  pollMs?: number;
};

/**
 * How a wait ended: the ledger granted the order, as its event says (before it is sent, `submit` judges it
 * again); or the ledger's order, no longer `pending`; undefined: the ledger does not know it.
 */
export type Waited = 'granted' | LedgerOrder | undefined;

type Waiting = {
  wish: OrderWish;
  resolve: (waited: Waited) => void;
  reject: (error: unknown) => void;
  looking: boolean;
  again: boolean;
};

const WAITING_LIMIT = 10_000;
const RENEW_BATCH = 500;
const WAKING = new Set(['reserved', 'steal_failed', 'ended']);

export class Grants {
  readonly #options: GrantOptions;
  readonly #waiting = new Map<string, Set<Waiting>>();
  readonly #timers: NodeJS.Timeout[];
  readonly #unlisten: () => void;
  #isClosed = false;

  constructor(options: GrantOptions) {
    this.#options = options;
    this.#unlisten = options.events.listen({
      onEvent: ({ type, fields }) => {
        const id = fields['order'] ?? '';
        if (type === 'granted') for (const waiting of this.#waiting.get(id) ?? []) waiting.resolve('granted');
        else if (WAKING.has(type)) this.#wake(id);
      },
      onGap: () => this.#wakeAll(),
    });
    this.#timers = [
      setInterval(() => this.#wakeAll(), options.pollMs ?? 1_000),
      setInterval(() => void this.#renewAll(), Math.max(1, Math.floor(options.leaseMs / 3))),
    ];
  }

  /**
   * Resolves when the order is no longer `pending`. Renews its lease until then.
   * @throws WorkstealError `timeout` after timeoutMs; the signal's reason when that aborts
   */
  async wait(wish: OrderWish, timeoutMs: number, signal: AbortSignal): Promise<Waited> {
    signal.throwIfAborted();
    if (this.#isClosed) throw closed(wish.id);
    if (this.#waiting.size >= WAITING_LIMIT)
      throw new WorkstealError(
        'timeout',
        `${WAITING_LIMIT} thieves wait for their grants already; try again later`,
        { order: wish.id },
      );
    let waiting: Waiting | undefined;
    let timer: NodeJS.Timeout | undefined;
    let stop: (() => void) | undefined;
    const unhurry = this.#options.events.hurry();
    try {
      return await new Promise<Waited>((resolve, reject) => {
        waiting = { wish, resolve, reject, looking: false, again: false };
        const same = this.#waiting.get(wish.id);
        if (same === undefined) this.#waiting.set(wish.id, new Set([waiting]));
        else same.add(waiting);
        timer = setTimeout(
          () => reject(new WorkstealError('timeout', `${wish.id}: not granted within ${timeoutMs} ms`)),
          timeoutMs,
        );
        stop = () => reject(signal.reason);
        signal.addEventListener('abort', stop, { once: true });
        // Later in this turn of the event loop: the cancellations are written first.
        setImmediate(() => void this.#look(waiting as Waiting));
      });
    } finally {
      unhurry();
      clearTimeout(timer);
      if (stop !== undefined) signal.removeEventListener('abort', stop);
      const same = this.#waiting.get(wish.id);
      if (waiting !== undefined) same?.delete(waiting);
      if (same?.size === 0) this.#waiting.delete(wish.id);
    }
  }

  /** Ends the timers; calls that wait fail. */
  close(): void {
    this.#isClosed = true;
    this.#unlisten();
    for (const timer of this.#timers) clearInterval(timer);
    for (const same of this.#waiting.values()) {
      for (const waiting of same) waiting.reject(closed(waiting.wish.id));
    }
  }

  #wake(id: string): void {
    for (const waiting of this.#waiting.get(id) ?? []) void this.#look(waiting);
  }

  #wakeAll(): void {
    for (const id of this.#waiting.keys()) this.#wake(id);
  }

  /** One read at a time; an event during a read causes another one. */
  async #look(waiting: Waiting): Promise<void> {
    if (waiting.looking) {
      waiting.again = true;
      return;
    }
    waiting.looking = true;
    do {
      waiting.again = false;
      try {
        const order = await readLedgerOrder(this.#options.ledger, waiting.wish.id);
        if (order?.state !== 'pending') waiting.resolve(order);
      } catch {
        // Redis gave no answer: the poll tries again.
      }
    } while (waiting.again);
    waiting.looking = false;
  }

  async #renewAll(): Promise<void> {
    const { ledger, leaseMs, log } = this.#options;
    const byOwner = new Map<string, string[]>();
    for (const [id, same] of this.#waiting) {
      const owner = [...same][0]?.wish.owner ?? '';
      byOwner.set(owner, [...(byOwner.get(owner) ?? []), id]);
    }
    for (const [owner, ids] of byOwner) {
      for (let at = 0; at < ids.length; at += RENEW_BATCH) {
        try {
          // It was granted, or has ended: read it.
          for (const lost of await renew(ledger, owner, leaseMs, ids.slice(at, at + RENEW_BATCH)))
            this.#wake(lost);
        } catch (error) {
          log.warn({ err: error, owner }, 'the leases of pending thieves could not be renewed');
        }
      }
    }
  }
}

function closed(order: string): WorkstealError {
  return new WorkstealError('timeout', `${order}: the coordinator was closed`, { order });
}
