/** The time from a fault's end until the fleet made entries again. */
import type { Struck } from './nemesis.ts';

export type Recovered = { p50: number; max: number };

/** What was on its way when a ledger was lost may still be accepted for so long. */
const IN_FLIGHT_MS = 3_300;

/**
 * @param enteredMs when the broker accepted entries, ascending
 * @param rebuiltMs when a lost ledger was opened again, ascending: what is accepted between a loss and that
 *   was on its way before
 */
export function recovery(
  struck: readonly Struck[],
  enteredMs: readonly number[],
  rebuiltMs: readonly number[],
): Recovered {
  const tookMs = struck.map(({ kind, fromMs, untilMs }) => {
    const againMs = kind.loses ? rebuiltMs.find((atMs) => atMs >= fromMs) : undefined;
    // Of several accounts on a Cluster a fault hits some. One that was not hit is not rebuilt, or for a later
    // fault: it goes on entering before.
    const wentOn =
      againMs === undefined || enteredMs.some((atMs) => atMs > untilMs + IN_FLIGHT_MS && atMs < againMs);
    const placedMs =
      enteredMs.find((atMs) => atMs >= Math.max(wentOn ? untilMs : againMs, untilMs)) ??
      Number.POSITIVE_INFINITY;
    return placedMs - untilMs;
  });
  const sorted = tookMs.sort((a, b) => a - b);
  return { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 };
}
