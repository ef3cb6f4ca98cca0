/**
 * The scheduler of one schedule: virtual time, one seeded random source, and a queue of all pending events.
 * Actors are ordinary asynchronous code (the product's own). Everything they do passes through `ask` and
 * `sleep`, and continues only when the scheduler picks it. One event happens at a time, so the same seed
 * gives the same schedule. A crashed actor's promises never resolve.
 */
import { type Random, seededRandom } from '../../../src/prices/random.ts';
import { withSleep } from './virtual-sleep.ts';

export type Kind = 'ledger' | 'broker' | 'wake' | 'update';

/** A request, a reply, a wake-up or a trade update that is under way. */
export type Item = {
  kind: Kind;
  label: string;
  /** Not before this; what was not answered by `untilMs` was given up by who asked. */
  fromMs: number;
  untilMs: number;
  apply: (() => unknown) | undefined;
  answer: ((result: unknown) => void) | undefined;
  fail: (() => void) | undefined;
};

/** One life of an actor: a crash ends it, and the next one knows nothing of it. */
export type Life = { readonly name: string; alive: boolean };

export const START_MS = Date.parse('2025-01-15T15:00:00Z');

export class World {
  readonly random: Random;
  readonly lines: string[] = [];
  readonly tally = new Map<string, number>();
  readonly violations: string[] = [];
  items: Item[] = [];
  nowMs = START_MS;
  /** No more faults, fills, prices or new orders. */
  calm = false;
  /** The actor that is faster than the others in this schedule. */
  favourite = '';

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  chance(share: number): boolean {
    return this.random.next() < share;
  }

  below(n: number): number {
    return Math.floor(this.random.next() * n);
  }

  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }

  log(line: string): void {
    this.lines.push(`${String(this.nowMs - START_MS).padStart(7)} ${line}`);
  }

  count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }

  violate(what: string): void {
    this.log(`VIOLATION ${what}`);
    this.violations.push(what);
  }

  /** Begins a life. What it throws is a fault of the simulated code. */
  start(name: string, work: (life: Life) => Promise<void>): Life {
    const life: Life = { name, alive: true };
    const sleep = (ms: number): Promise<void> => this.sleep(life, ms);
    withSleep(sleep, () => work(life)).catch((error: Error) =>
      this.violate(`${name}: ${error.stack ?? error.message}`),
    );
    return life;
  }

  sleep(life: Life, ms: number, label = 'wakes'): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const fromMs = this.nowMs + Math.max(0, Math.ceil(ms));
    const wake = {
      kind: 'wake',
      label: `${life.name} ${label}`,
      fromMs,
      untilMs: Number.MAX_SAFE_INTEGER,
    } as const;
    if (life.alive)
      this.items.push({ ...wake, apply: () => {}, answer: () => life.alive && resolve(), fail: undefined });
    return promise;
  }

  /**
   * Something that needs another process: `apply` is its effect there. `fail`: what the asker gets when
   * nothing comes back.
   */
  ask<T>(
    life: Life,
    request: { kind: Kind; label: string; limitMs: number },
    apply: () => Promise<T> | T,
    fail: () => T,
  ): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const answer = (result: unknown): void => void (life.alive && resolve(result as T));
    const failed = (): void => {
      if (!life.alive) return;
      try {
        resolve(fail());
      } catch (error) {
        reject(error);
      }
    };
    const { kind, label, limitMs } = request;
    const times = { fromMs: this.nowMs, untilMs: this.nowMs + limitMs };
    if (life.alive)
      this.items.push({ kind, label: `${life.name} ${label}`, ...times, apply, answer, fail: failed });
    return promise;
  }

  eligible(): Item[] {
    return this.items.filter(({ fromMs }) => fromMs <= this.nowMs);
  }

  take(item: Item): void {
    this.items.splice(this.items.indexOf(item), 1);
  }

  /** To the next moment at which anything can happen. */
  skip(): boolean {
    if (this.items.length === 0) return false;
    this.nowMs = Math.max(this.nowMs, Math.min(...this.items.map(({ fromMs }) => fromMs)));
    return true;
  }

  /** Until every actor waits for the scheduler again. */
  async settled(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
