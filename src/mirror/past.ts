/**
 * What the account did in the last 30 minutes: from the events, also for the time before the mirror was
 * opened as far as they are kept, and from what the mirror sees itself. Its size is bounded: a sample in ten
 * seconds, and the latest steals and cancellations.
 */
import { CancelTimes } from '../history/cancel-times.ts';
import { CapacitySteps, capacityOf, EVERY_MS, KEPT_MS } from '../history/capacity.ts';
import { eventsOf, firstEventMs, lastTotalsBefore } from '../history/reading.ts';
import { StealPairs } from '../history/steal-pairs.ts';
import type { Capacity, Past, Refused } from '../json/history.ts';
import { type ClockReading, readClock } from '../ledger/clock-reading.ts';
import type { LedgerEvent } from '../ledger/events.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { PastRefusals } from './past-refusals.ts';
import type { OrderRow, Status } from './rows.ts';

const MOST_PAIRS = 100;
/** The summary is made again at most so often. */
const SUMMARY_MS = 1_000;

const NOTHING: Past = {
  pairs: [],
  morePairs: 0,
  steals: 0,
  fights: [],
  cancels: { count: 0, p50Ms: null, p99Ms: null, lastMs: null, recentMs: [], waiting: 0 },
};

export interface PastReading {
  /** How full the account was; the oldest first. A new array whenever one was added. */
  readonly capacity: readonly Capacity[];
  /** Refusals in steps of ten seconds; the oldest first, and the last one grows. */
  readonly refused: readonly Refused[];
  /** Steals and cancellations. A new object whenever it changed. */
  readonly summary: Past;
  /** The server's time of the first event that is kept; null: not known. */
  readonly eventsFromMs: number | null;
}

export class PastOfAccount implements PastReading {
  readonly #ledger: Ledger;
  readonly #refusals: PastRefusals;
  #pairs = new StealPairs();
  #cancels = new CancelTimes();
  /** Events that came before the earlier ones were read; undefined: those are read. */
  #early: LedgerEvent[] | undefined = [];
  #capacity: readonly Capacity[] = [];
  #summary = NOTHING;
  #summaryAt = Number.NEGATIVE_INFINITY;
  #isChanged = false;
  #fights: readonly string[] = [];
  /** The server's time of the last sample that is no event's. */
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  eventsFromMs: number | null = null;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
    this.#refusals = new PastRefusals(ledger);
  }

  get capacity(): readonly Capacity[] {
    return this.#capacity;
  }

  get refused(): readonly Refused[] {
    return this.#refusals.steps;
  }

  get summary(): Past {
    return this.#summary;
  }

  note(event: LedgerEvent): void {
    if (this.#early !== undefined) return void this.#early.push(event);
    this.#pairs.note(event);
    this.#cancels.note(event);
    this.#isChanged = true;
  }

  /** Events may be missing: they are read again. */
  forget(): void {
    this.#early = [];
  }

  /**
   * Reads the events of the last 30 minutes up to this one, unless they are read.
   * @throws WorkstealError `unavailable`
   */
  async load(toId: string): Promise<void> {
    if (this.#early === undefined) return;
    const clock = await readClock(this.#ledger);
    const { redis, account } = this.#ledger;
    const stream = key(account, 'events');
    const fromMs = clock.healthMs - KEPT_MS;
    const [pairs, cancels] = [new StealPairs(), new CancelTimes()];
    const steps = new CapacitySteps(Math.ceil(fromMs / EVERY_MS) * EVERY_MS, EVERY_MS);
    const before = await lastTotalsBefore(redis, stream, fromMs);
    if (before !== undefined) steps.note(before);
    for await (const event of eventsOf(redis, stream, fromMs, toId)) {
      pairs.note(event);
      cancels.note(event);
      if (Number.parseInt(event.id, 10) <= clock.healthMs) steps.note(event);
    }
    this.eventsFromMs = (await firstEventMs(redis, stream)) ?? null;
    await this.#refusals.load(clock, KEPT_MS);
    const seenFromMs = this.#capacity[0]?.atMs ?? Number.POSITIVE_INFINITY;
    const told = steps.until(clock.healthMs).filter(({ atMs }) => atMs < seenFromMs);
    this.#capacity = [...told, ...this.#capacity];
    [this.#pairs, this.#cancels] = [pairs, cancels];
    const early = this.#early;
    this.#early = undefined;
    for (const event of early) this.note(event);
    this.#isChanged = true;
  }

  /**
   * Notes how the account is.
   * @param orders those that count
   * @param fights `A|B` and the ledger time of its end, in turn
   * @param refused plans and orders that were refused since the last time
   */
  async look(
    { pools }: Status,
    orders: Iterable<OrderRow>,
    clock: ClockReading,
    fights: readonly string[],
    refused: readonly string[],
  ): Promise<void> {
    const { healthMs: atMs, nowMs } = clock;
    const total = pools.find(({ pool }) => pool === 'total');
    const sinceLastMs = atMs - this.#lookedAtMs;
    if (total !== undefined && (sinceLastMs >= EVERY_MS || sinceLastMs < 0)) {
      this.#lookedAtMs = atMs;
      const kept = this.#capacity.filter((one) => one.atMs > atMs - KEPT_MS && one.atMs < atMs);
      this.#capacity = [...kept, capacityOf(atMs, total, heldBy(orders))];
    }
    await this.#refusals.note(refused, clock);
    this.#refusals.since(atMs - KEPT_MS);
    const inForce = inForceAt(nowMs, fights);
    this.#isChanged ||= inForce.join() !== this.#fights.join();
    this.#fights = inForce;
    if (performance.now() - this.#summaryAt >= SUMMARY_MS) this.#summarise(atMs - KEPT_MS);
  }

  #summarise(sinceMs: number): void {
    const before = this.#pairs.count + this.#cancels.count;
    this.#pairs.since(sinceMs);
    this.#cancels.since(sinceMs);
    if (!this.#isChanged && this.#pairs.count + this.#cancels.count === before) return;
    const pairs = this.#pairs.pairs();
    this.#summary = {
      pairs: pairs.slice(0, MOST_PAIRS),
      morePairs: Math.max(0, pairs.length - MOST_PAIRS),
      steals: this.#pairs.count,
      fights: this.#pairs.fights(this.#fights),
      cancels: this.#cancels.summary(),
    };
    this.#summaryAt = performance.now();
    this.#isChanged = false;
  }
}

function heldBy(orders: Iterable<OrderRow>): { reserved: number; cancelling: number; earmarked: number } {
  const held = { reserved: 0, cancelling: 0, earmarked: 0 };
  for (const { state, heldMicros } of orders) {
    const of = state === 'pending' ? 'earmarked' : state;
    if (of === 'reserved' || of === 'cancelling' || of === 'earmarked') held[of] += heldMicros ?? 0;
  }
  return held;
}

function inForceAt(nowMs: number, fights: readonly string[]): string[] {
  const inForce: string[] = [];
  for (let at = 0; at + 1 < fights.length; at += 2)
    if (Number(fights[at + 1]) > nowMs) inForce.push(fights[at] ?? '', fights[at + 1] ?? '');
  return inForce;
}
