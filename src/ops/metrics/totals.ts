/** Counters for reports of totals since the process began: each is raised to the total. */
import type { Counter } from 'prom-client';

type Increasing = { inc(by: number): void };

/** One counter. It is there from the start, at 0, and never falls. */
export function total(counter: Increasing): (now: number) => void {
  let before = 0;
  counter.inc(0);
  return (now) => {
    if (now > before) counter.inc(now - before);
    before = Math.max(before, now);
  };
}

/** One counter per outcome. */
export function totals<Outcome extends string>(
  counter: Counter<'outcome'>,
  outcomes: readonly Outcome[],
): (now: { readonly [outcome in Outcome]: number }) => void {
  const each = outcomes.map((outcome) => ({ outcome, add: total(counter.labels({ outcome })) }));
  return (now) => {
    for (const { outcome, add } of each) add(now[outcome]);
  };
}
