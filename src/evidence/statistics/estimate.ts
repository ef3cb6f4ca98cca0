/** What a sample of days says of a mean: interval, p, and the smallest effect that it could show. */

export type Estimate = {
  mean: number;
  /** 95 % interval: the 2.5th and the 97.5th percentile of the drawn means. */
  low: number;
  high: number;
  standardError: number;
  /** Two-sided: how often a drawn mean lies as far from the sample's as the sample's from 0. */
  p: number;
  /** The smallest effect that the sample shows four times in five, at 5 %. */
  couldSee: number;
};

/** 1.96 for 5 % on both sides, and 0.84 for a power of 80 %. */
const STANDARD_ERRORS_TO_SEE = 2.8;

export function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

/** @param drawn means of the same series, from `resampledMeans` */
export function estimateOf(values: Float64Array, drawn: Float64Array): Estimate {
  const mean = meanOf(values);
  const standardError = deviationOf(drawn);
  const sorted = Float64Array.from(drawn).sort();
  return {
    mean,
    low: percentileOf(sorted, 0.025),
    high: percentileOf(sorted, 0.975),
    standardError,
    p: shareAsFar(drawn, mean),
    couldSee: STANDARD_ERRORS_TO_SEE * standardError,
  };
}

/** Around their own mean. */
export function deviationOf(values: Float64Array): number {
  const mean = meanOf(values);
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
}

/** Between two values in a straight line. @param sorted ascending */
export function percentileOf(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) return 0;
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** One is added above and below: no number of draws shows that something never happens. */
function shareAsFar(drawn: Float64Array, mean: number): number {
  let asFar = 0;
  for (const one of drawn) if (Math.abs(one - mean) >= Math.abs(mean)) asFar += 1;
  return (asFar + 1) / (drawn.length + 1);
}
