/**
 * A copy of an account's book in this process, for any number of viewers: Redis is read once for all of them,
 * in small pieces. It takes the place in the events first, loads everything, and then follows the events.
 * After a gap in them it loads again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import type { LedgerEvent } from '../ledger/events.ts';
import { key } from '../ledger/keys.ts';
import { type Ledger, openLedger } from '../ledger/ledger.ts';
import { BookView } from './book-view.ts';
import { ChangeListeners } from './change-listeners.ts';
import { Copy } from './copy.ts';
import { EventReader } from './event-reader.ts';
import { lagMeter } from './lag-meter.ts';
import type { Changes, Mirror } from './port.ts';
import { eventsAfter, lastIdOf, type ResetReason, whyNotResumable } from './resume.ts';
import type { Status } from './rows.ts';
import { statusWithCounts } from './sorting.ts';
import { BEFORE_ALL, compareIds } from './stream-id.ts';

export type { Changes, Mirror } from './port.ts';

/** `onLag`: told how long each event took to arrive here, ms, by the clock of Redis. */
export type MirrorParts = { ledger: Ledger; redisUrl: string; log: Logger; onLag?: (ms: number) => void };

const TICK_MS = 250;
/** How soon after the last reading the next may come for those who wait for it, and how often they look. */
const AWAITED_MS = 50;
const LOOK_MS = 25;
/** How old the status may become. What changes it besides orders, plans and steals has it read at once. */
const STATUS_MS = 1_000;
const STALE_MS = 3_000;

/**
 * Opens the mirror of the ledger's account, on connections of its own. Resolves when it has loaded, or when
 * the first load has failed: it goes on trying.
 * @throws WorkstealError `unavailable` when Redis can't be reached
 */
export async function openMirror({ ledger, redisUrl, log, onLag }: MirrorParts): Promise<Mirror> {
  const mirror = new TheMirror(await openLedger(redisUrl, ledger.account), redisUrl, log);
  if (onLag !== undefined) mirror.events.listen(lagMeter(mirror.copy, onLag));
  await mirror.start();
  return mirror;
}

class TheMirror extends BookView implements Mirror {
  readonly events: EventReader;
  readonly #ledger: Ledger;
  readonly #log: Logger;
  readonly #listeners: ChangeListeners;
  readonly #stopping = new AbortController();
  /** Why there is no status. */
  #why = new WorkstealError('unavailable', 'the mirror of the account is not loaded yet');
  #isLoaded = false;
  #mustLoad = true;
  #polls = 0;
  /** Events up to this one are read once, for what was before. */
  #historyTo = BEFORE_ALL;
  /** The last event before the last poll that read the status began, and when it began. */
  #statusId = BEFORE_ALL;
  #statusAt = Number.NEGATIVE_INFINITY;
  /** The last event before the last reading. */
  #tickedId = BEFORE_ALL;
  /** Somebody waits for a poll. */
  #isAwaited = false;
  /** Somebody waits until what the ledger forgot has gone, too: no event says so. */
  #isScanAwaited = false;
  #polledAt = Number.NEGATIVE_INFINITY;
  #running: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, redisUrl: string, log: Logger) {
    super(new Copy(ledger));
    this.#ledger = ledger;
    this.#log = log;
    this.#listeners = new ChangeListeners(log);
    this.events = new EventReader(redisUrl, ledger.account, log);
  }

  get account(): string {
    return this.#ledger.account;
  }
  get lastEventId(): string {
    return this.events.lastId;
  }
  get atMs(): number {
    return this.copy.atMs;
  }
  get isStale(): boolean {
    return !this.#isLoaded || performance.now() - this.#polledAt > STALE_MS;
  }

  status(): Status {
    const { status, orders, plans } = this.copy;
    if (status === undefined) throw this.#why;
    return statusWithCounts(status, orders.live.values(), plans.live.values());
  }
  onChange(listener: (changes: Changes) => void): () => void {
    return this.#listeners.add(listener);
  }

  async settled(signal: AbortSignal): Promise<void> {
    const lastId = (): Promise<string | undefined> =>
      lastIdOf(this.#ledger.redis, key(this.account, 'events')).catch(() => undefined);
    let last = await lastId();
    while (last === undefined) {
      await sleep(LOOK_MS, undefined, { signal });
      last = await lastId();
    }
    // The poll that runs now may have begun before.
    const polls = this.#polls + 2;
    const isDone = (): boolean =>
      this.#isLoaded &&
      !this.#mustLoad &&
      this.lastEventId === last &&
      this.copy.isRead &&
      this.#polls >= polls;
    while (!isDone()) {
      this.#isAwaited = true;
      this.#isScanAwaited = true;
      await sleep(LOOK_MS, undefined, { signal });
    }
  }

  async caughtUp(limitMs: number): Promise<boolean> {
    const until = performance.now() + limitMs;
    const last = await lastIdOf(this.#ledger.redis, key(this.account, 'events')).catch(() => undefined);
    if (last === undefined) return false;
    const isDone = (): boolean => !this.isStale && !this.#mustLoad && compareIds(this.#statusId, last) >= 0;
    while (!isDone() && performance.now() < until) {
      this.#isAwaited = true;
      await sleep(LOOK_MS / 5);
    }
    return isDone();
  }

  whyNotResumable(id: string): Promise<ResetReason | undefined> {
    return whyNotResumable(this.#ledger.redis, key(this.account, 'events'), id);
  }

  eventsAfter(id: string, count: number): Promise<LedgerEvent[]> {
    return eventsAfter(this.#ledger.redis, key(this.account, 'events'), id, count);
  }

  async start(): Promise<void> {
    this.events.listen({
      onEvent: (event) => {
        if (this.copy.touch(event)) this.#mustLoad = true;
      },
      onReset: (_reason, id) => {
        this.copy.past.forget();
        this.#historyTo = id;
        this.#mustLoad = true;
      },
    });
    let place = BEFORE_ALL;
    await this.#attempt(async () => {
      place = await lastIdOf(this.#ledger.redis, key(this.account, 'events'));
    });
    this.#historyTo = place;
    this.events.start(place);
    await this.#attempt(() => this.#tick());
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    await this.events.close();
    await this.#running;
    await this.#ledger.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const began = performance.now();
      await this.#attempt(() => this.#tick());
      this.#notify();
      const isTime = (): boolean => performance.now() - began >= (this.#isAwaited ? AWAITED_MS : TICK_MS);
      do await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
      while (!signal.aborted && !isTime());
    }
  }

  async #tick(): Promise<void> {
    const { signal } = this.#stopping;
    const [began, { lastId }] = [performance.now(), this.events];
    const isOld = began - this.#statusAt >= STATUS_MS;
    const withStatus = this.#isAwaited || this.#mustLoad || this.copy.isStatusTouched || isOld;
    this.#isAwaited = false;
    const isBusy = lastId !== this.#tickedId;
    if (this.#mustLoad) {
      this.#mustLoad = false;
      await this.copy.scan(true);
    } else {
      if (this.#isScanAwaited) await this.copy.scan(false);
      await this.copy.readInTurn();
    }
    this.#isScanAwaited = false;
    await this.copy.past.load(this.#historyTo);
    await this.copy.readTouched(signal);
    await this.copy.poll(withStatus);
    await this.copy.readTouched(signal);
    await this.copy.readEnds(isBusy, signal);
    this.#tickedId = lastId;
    this.#polls += 1;
    if (withStatus) {
      this.#statusId = lastId;
      this.#statusAt = began;
    }
    this.#polledAt = performance.now();
    this.#isLoaded = true;
  }

  /** After a failure everything is read again. */
  async #attempt(step: () => Promise<void>): Promise<void> {
    try {
      await step();
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const isKnown = error instanceof WorkstealError;
      this.#why = isKnown ? error : new WorkstealError('bug', `mirror: ${String(error)}`, {}, error);
      if (this.#why.code === 'unknown') this.copy.clear();
      else if (!this.#mustLoad)
        this.#log.warn({ err: error }, `mirror: ${this.account} could not be read, trying again`);
      this.#mustLoad = true;
      this.#isLoaded = false;
    }
  }

  #notify(): void {
    const { orders, plans, stealsChanged: steals } = this.copy;
    const changes = { orders: orders.takeChanges(), plans: plans.takeChanges(), steals };
    this.copy.stealsChanged = false;
    this.#listeners.tell(changes);
  }
}
