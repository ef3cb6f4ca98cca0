/**
 * The mean of observations that come in clusters, such as steals of one day: those of a day share the day's
 * market, so their number says less than the number of days.
 */

export type ClusteredMean = {
  /** Of all observations; 0 where there are none. */
  mean: number;
  /** From the sums of the clusters' residuals; 0 with fewer than two clusters. */
  standardError: number;
  low: number;
  high: number;
  observations: number;
  /** Clusters with at least one observation. */
  clusters: number;
};

/** Of a normal distribution, for 95 %. */
const STANDARD_ERRORS = 1.96;

/** @param sums of each cluster's observations; @param counts how many they are */
export function clusteredMean(sums: Float64Array, counts: Float64Array): ClusteredMean {
  let [total, observations, clusters] = [0, 0, 0];
  for (const [at, count] of counts.entries()) {
    total += sums[at] ?? 0;
    observations += count;
    if (count > 0) clusters += 1;
  }
  const mean = observations === 0 ? 0 : total / observations;
  let squares = 0;
  for (const [at, count] of counts.entries()) squares += ((sums[at] ?? 0) - mean * count) ** 2;
  const standardError = clusters < 2 ? 0 : Math.sqrt((squares * clusters) / (clusters - 1)) / observations;
  return {
    mean,
    standardError,
    low: mean - STANDARD_ERRORS * standardError,
    high: mean + STANDARD_ERRORS * standardError,
    observations,
    clusters,
  };
}
