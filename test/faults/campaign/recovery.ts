/** How long after a fault was over until the fleet placed orders again. */
import type { Struck } from './nemesis.ts';

export type Recovered = { p50: number; max: number };

/**
 * @param acceptedMs when the broker accepted orders, ascending
 * @param rebuiltMs when a lost ledger was opened again, ascending: what is accepted between a loss and that was on its way before
 */
export function recovery(struck: readonly Struck[], acceptedMs: readonly number[], rebuiltMs: readonly number[]): Recovered {
  const tookMs = struck.map(({ kind, fromMs, untilMs }) => {
    // One that was not rebuilt was not hit: of several accounts on a Cluster a fault hits some.
    const openMs = (kind.loses && rebuiltMs.find((atMs) => atMs >= fromMs)) || untilMs;
    const placedMs = acceptedMs.find((atMs) => atMs >= Math.max(openMs, untilMs)) ?? Number.POSITIVE_INFINITY;
    return placedMs - untilMs;
  });
  const sorted = tookMs.sort((a, b) => a - b);
  return { p50: sorted[Math.floor(sorted.length / 2)] ?? 0, max: sorted.at(-1) ?? 0 };
}
