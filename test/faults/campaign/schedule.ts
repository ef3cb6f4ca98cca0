/** The schedule of faults: a pure function of the seed, so that a campaign can be repeated. */
import { type Random, seededRandom } from '../../../src/prices/random.ts';
import { KINDS, type Kind } from './kinds.ts';

/** `chance`: of its own, for the choices that it makes. */
export type Fault = { atMs: number; lastsMs: number; kind: Kind; chance: Random };

const MEAN_GAP_MS = 550;
const LEAST_GAP_MS = 60;
/**
 * After an outage has ended: a lease and a request's timeout until the keeper lists, and some time to be busy
 * again.
 */
const RECOVERY_MS = 4_500;

/**
 * @param kinds of which it deals; default: all
 * @param meanGapMs between two faults, on average
 */
export function schedule(
  seed: number,
  seconds: number,
  kinds: readonly Kind[] = KINDS,
  meanGapMs: number = MEAN_GAP_MS,
): Fault[] {
  const random = seededRandom(seed);
  const endMs = seconds * 1_000;
  const faults: Fault[] = [];
  let outageUntilMs = 0;
  let deck: Kind[] = [];
  const late: Kind[] = [];
  // Dealt like cards: each kind comes once before any repeats. Outages that must wait come before the
  // rest of the deck.
  const deal = (mayBeOutage: boolean): Kind | undefined => {
    if (mayBeOutage && late.length > 0) return late.shift();
    for (let tries = 0; tries < kinds.length; tries += 1) {
      if (deck.length === 0) deck = shuffled(kinds, random);
      const next = deck.pop() as Kind;
      if (mayBeOutage || !next.outage) return next;
      if (!late.includes(next)) late.push(next);
    }
    return undefined;
  };
  for (let atMs = 0; ; ) {
    atMs += LEAST_GAP_MS - (meanGapMs - LEAST_GAP_MS) * Math.log(1 - random.next());
    if (atMs >= endMs) return faults;
    const kind = deal(atMs >= outageUntilMs);
    if (kind === undefined) {
      atMs = outageUntilMs;
      continue;
    }
    const [least, most] = kind.lastsMs;
    const lastsMs = Math.round(least + (most - least) * random.next());
    if (kind.outage) outageUntilMs = atMs + lastsMs + RECOVERY_MS;
    faults.push({
      atMs: Math.round(atMs),
      lastsMs,
      kind,
      chance: seededRandom(Math.floor(random.next() * 2 ** 32)),
    });
  }
}

function shuffled<T>(all: readonly T[], random: Random): T[] {
  const deck = [...all];
  for (let i = deck.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random.next() * (i + 1));
    [deck[i], deck[j]] = [deck[j] as T, deck[i] as T];
  }
  return deck;
}
