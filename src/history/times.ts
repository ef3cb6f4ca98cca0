/** Times in the past on the ledger's two clocks. A clock that stands still is taken for the real one. */
import type { ClockReading } from '../ledger/clock-reading.ts';

/** The server's time of a ledger time; of one that is still to come, now. */
export function serverTimeOf(atMs: number, { nowMs, healthMs, scale }: ClockReading): number {
  return healthMs - Math.max(0, nowMs - atMs) / (scale || 1);
}

/** The ledger time of a server's time. */
export function ledgerTimeOf(atMs: number, { nowMs, healthMs, scale }: ClockReading): number {
  return nowMs - Math.max(0, healthMs - atMs) * (scale || 1);
}
