/** Of what the exchange and the ledger saw: what the fleet under test has to answer for. */
import type { Told } from './bots/told.ts';
import { CHANGED, type Crossed, type Double, type Excess, type Lives } from './lives.ts';
import type { Struck } from './nemesis.ts';
import type { ByHand } from './paper-broker.ts';

/** A deleted key is noticed within this time, even if a keeper has to start first: audits run every 5 s. */
const NOTICED_MS = 30_000;

/**
 * Orders that their index promised and that could not be taken, where no key had been deleted since the last
 * rebuild.
 */
export function promisedInVain<T extends { atMs: number }>(
  indexFaults: readonly T[],
  struck: readonly Struck[],
  rebuiltMs: readonly number[],
): T[] {
  return indexFaults.filter(({ atMs }) => {
    const sinceMs = Math.max(0, ...rebuiltMs.filter((ms) => ms < atMs));
    return !struck.some(
      ({ kind, fromMs }) =>
        kind.name === 'lost_key' && sinceMs <= fromMs && fromMs <= atMs && atMs - fromMs <= NOTICED_MS,
    );
  });
}

type Period = { fromMs: number; untilMs: number };
const covers = ({ fromMs, untilMs }: Period, atMs: number): boolean => fromMs <= atMs && atMs <= untilMs;

/**
 * Acceptances over the cap by more than what people placed, and second fleets, that the ledger could not know
 * of.
 */
export function excessesOfOurs(
  { excesses, rivals }: Pick<Lives, 'excesses' | 'rivals'>,
  byHand: readonly ByHand[],
  periods: readonly Period[],
): Excess[] {
  return excesses.filter(({ atMs, overMicros }) => {
    const period = periods.find((one) => covers(one, atMs));
    const theirs =
      period === undefined ? [] : rivals.filter((one) => covers(period, one.atMs) && one.atMs <= atMs);
    return overMicros > handsShare(byHand, atMs) + theirs.reduce((sum, { micros }) => sum + micros, 0);
  });
}

/** Entries against a position that the ledger could know of. */
export function crossedByOurs(
  { crossed }: Pick<Lives, 'crossed'>,
  byHand: readonly ByHand[],
  periods: readonly Period[],
): Crossed[] {
  return crossed.filter(
    ({ atMs, symbol }) =>
      !periods.some((one) => covers(one, atMs)) &&
      !byHand.some((one) => one.symbol === symbol && covers(one, atMs)),
  );
}

/** What people placed by hand and the ledger could not know of then: the cap is not promised for that. */
function handsShare(byHand: readonly ByHand[], atMs: number): number {
  return byHand.reduce(
    (sum, { micros, fromMs, untilMs }) => (covers({ fromMs, untilMs }, atMs) ? sum + micros : sum),
    0,
  );
}

/**
 * Two live entries of a plan; but not those beside an order that a rebuilt ledger has no owner for any more,
 * so that its bot was told that it is not its own. It counts, and an admin has to end it (decision 32).
 */
export function doublesOfOurs(
  { doubles }: Pick<Lives, 'doubles'>,
  told: Told['orders'],
  wasLost: boolean,
): Double[] {
  return doubles.filter(({ beside }) => !(wasLost && told.get(beside)?.isForgotten));
}

/**
 * The names under which the ledger, or a person, may have asked for an order's cancellation: its own, that of
 * the order in whose place a person put it, and that of the first one of those that its bot replaced.
 */
export function namesOf(order: string, told: Told): string[] {
  const before = order.replace(CHANGED, '');
  return [order, before, told.first(before)];
}
