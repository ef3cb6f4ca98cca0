/**
 * How often a follower reads the events. Of a quiet account each event is read at once; of a busy one several
 * are read together, so that its readers cost Redis the same however much happens. A reader that waits at the
 * stream's end is woken by the command that writes there, which takes longer for it.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** Reads that may follow each other without a pause. */
const BURST = 10;
/** Of a busy account: one read in so many ms, which is how late an event may be. */
const EVERY_MS = 10;

export class ReadPace {
  /** When the reads until now are paid for, ms of the process's monotonic clock. */
  #paidAt = 0;
  #hurrying = 0;
  #pausing = new AbortController();

  /** To be called once a read has brought events. @returns ms to wait before the next one; 0: none */
  pauseAfterRead(nowMs: number): number {
    if (this.#hurrying > 0) return 0;
    this.#paidAt = Math.max(this.#paidAt, nowMs) + EVERY_MS;
    return Math.max(0, this.#paidAt - nowMs - BURST * EVERY_MS);
  }

  /** Waits after a read that has brought events; until the signal aborts, or somebody hurries, at most. */
  async pause(signal: AbortSignal): Promise<void> {
    const pauseMs = this.pauseAfterRead(performance.now());
    if (pauseMs === 0 || signal.aborted) return;
    this.#pausing = new AbortController();
    const end = () => this.#pausing.abort();
    signal.addEventListener('abort', end, { once: true });
    await sleep(pauseMs, undefined, { signal: this.#pausing.signal }).catch(() => {});
    signal.removeEventListener('abort', end);
  }

  /** No pauses, for somebody who waits for an event, until the returned function is called. */
  hurry(): () => void {
    this.#hurrying += 1;
    this.#pausing.abort();
    let isOver = false;
    return () => {
      if (!isOver) this.#hurrying -= 1;
      isOver = true;
    };
  }
}
