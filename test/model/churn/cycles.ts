/** Cycles of steals: A took from B, B from C, and C from A. */

export type Taking = { atMs: number; thief: string; victim: string };

/**
 * The shortest cycle of at least three that the last steal closes with earlier ones, none of them older than
 * the window (one exactly as old counts). The earlier ones may have come in any order.
 * @param steals of a longer time, in order of time; the last one may be among them
 * @returns the steals of the cycle, the last one first; undefined: none
 */
export function closedCycle<T extends Taking>(
  steals: readonly T[],
  last: T,
  windowMs: number,
): T[] | undefined {
  const byThief = new Map<string, T[]>();
  for (let at = steals.length - 1; at >= 0; at -= 1) {
    const one = steals[at] as T;
    if (last.atMs - one.atMs > windowMs) break;
    const isBack = one.thief === last.victim && one.victim === last.thief; // a matter of two: a fight
    if (one === last || isBack) continue;
    byThief.set(one.thief, [...(byThief.get(one.thief) ?? []), one]);
  }
  const reached = new Map<string, T[]>([[last.victim, [last]]]);
  for (const [name, path] of reached) {
    for (const next of byThief.get(name) ?? []) {
      if (next.victim === last.thief) return [...path, next];
      if (!reached.has(next.victim)) reached.set(next.victim, [...path, next]);
    }
  }
  return undefined;
}
