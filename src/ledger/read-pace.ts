/**
 * How often a follower reads the events. Of a quiet account each event is read at once; of a busy one several
 * are read together, so that its readers cost Redis the same however much happens.
 */

/** Reads that may follow each other without a pause. */
const BURST = 10;
/** Of a busy account: one read in so many ms, which is how late an event may be. */
const EVERY_MS = 10;

export class ReadPace {
  /** When the reads until now are paid for, ms of the process's monotonic clock. */
  #paidAt = 0;

  /** To be called once a read has brought events. @returns ms to wait before the next one; 0: none */
  pauseAfterRead(nowMs: number): number {
    this.#paidAt = Math.max(this.#paidAt, nowMs) + EVERY_MS;
    return Math.max(0, this.#paidAt - nowMs - BURST * EVERY_MS);
  }
}
