/** How far this process is behind the account's events. */
import type { Histogram } from 'prom-client';
import { type Instruments, REQUEST_SECONDS } from './instruments.ts';

export class EventMetrics {
  readonly #lag: Histogram;

  constructor(instruments: Instruments) {
    this.#lag = instruments.seconds(
      'event_lag_seconds',
      "From an event's entry in the ledger to its arrival at this server, by the clock of Redis",
      REQUEST_SECONDS,
    );
  }

  arrived(lagMs: number): void {
    this.#lag.observe(Math.max(0, lagMs) / 1_000);
  }
}
