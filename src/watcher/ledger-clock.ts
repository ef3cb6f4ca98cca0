/**
 * Ledger time between two readings: the last reading, advanced by this process's monotonic clock at the
 * ledger's scale. It never goes back unless the ledger's clock was set. No host's wall clock takes part.
 */
import { type ClockReading, readClock } from '../ledger/clock-reading.ts';
import type { Ledger } from '../ledger/ledger.ts';

export class LedgerClock {
  readonly #ledger: Ledger;
  readonly #monotonicMs: () => number;
  #last: { reading: ClockReading; atMs: number } | undefined;
  #floorMs = 0;

  constructor(ledger: Ledger, monotonicMs: () => number) {
    this.#ledger = ledger;
    this.#monotonicMs = monotonicMs;
  }

  /** @throws WorkstealError `unavailable`; the last reading stays in use */
  async read(): Promise<void> {
    const before = this.#monotonicMs();
    const reading = await readClock(this.#ledger);
    const atMs = (before + this.#monotonicMs()) / 2;
    if (this.#last !== undefined && this.#last.reading.setting !== reading.setting) this.#floorMs = 0;
    this.#last = { reading, atMs };
  }

  /** Ledger time, ms; undefined before the first reading. */
  nowMs(): number | undefined {
    if (this.#last === undefined) return undefined;
    const { reading, atMs } = this.#last;
    this.#floorMs = Math.max(
      this.#floorMs,
      Math.floor(reading.nowMs + (this.#monotonicMs() - atMs) * reading.scale),
    );
    return this.#floorMs;
  }

  /** ms of ledger time per real ms. */
  get scale(): number {
    return this.#last?.reading.scale ?? 1;
  }
}
