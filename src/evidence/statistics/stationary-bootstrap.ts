/**
 * The stationary bootstrap (Politis and Romano, 1994): days are drawn in blocks of random length, so that
 * days which hang together stay together. A block goes on with probability 1 - 1 / meanBlock; behind the
 * last day follows the first.
 */
import type { Random } from '../../prices/random.ts';

export type BootstrapOptions = {
  random: Random;
  /** In days, at least 1. */
  meanBlock?: number;
  draws?: number;
};

export const MEAN_BLOCK_DAYS = 5;
export const DRAWS = 4_000;

/**
 * The means of many drawn samples, one array for each series. All series are drawn on the same days, so that
 * they can be compared draw by draw.
 * @param series all of the same length, at least one day
 */
export function resampledMeans(
  series: readonly Float64Array[],
  { random, meanBlock = MEAN_BLOCK_DAYS, draws = DRAWS }: BootstrapOptions,
): Float64Array[] {
  const days = series[0]?.length ?? 0;
  const means = series.map(() => new Float64Array(draws));
  if (days === 0) return means;
  const times = new Float64Array(days);
  for (let draw = 0; draw < draws; draw += 1) {
    drawDays(times, meanBlock, random);
    for (const [at, values] of series.entries()) {
      let sum = 0;
      for (let day = 0; day < days; day += 1) sum += (times[day] ?? 0) * (values[day] ?? 0);
      (means[at] as Float64Array)[draw] = sum / days;
    }
  }
  return means;
}

/** How often each day is in one drawn sample of as many days. */
function drawDays(times: Float64Array, meanBlock: number, random: Random): void {
  const days = times.length;
  const ends = 1 / meanBlock;
  times.fill(0);
  let day = Math.floor(random.next() * days);
  for (let drawn = 0; drawn < days; drawn += 1) {
    if (drawn > 0) day = random.next() < ends ? Math.floor(random.next() * days) : (day + 1) % days;
    times[day] = (times[day] ?? 0) + 1;
  }
}
