/** What fills returned, by how far the limit was when the order was placed, and by its forecast. */
import type { Calibration, CalibrationBin } from './types.ts';

const DISTANCE_EDGES = [0.0005, 0.001, 0.002, 0.004, 0.008, 0.016];
const FORECAST_EDGES = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];
const BPS = 1e4;

/** Which bins an order is in. */
export type Bins = { readonly distance: CalibrationBin; readonly forecast: CalibrationBin };

export class CalibrationTally {
  readonly result: Calibration = {
    byDistance: { edges: DISTANCE_EDGES, bins: emptyBins(DISTANCE_EDGES) },
    byForecast: { edges: FORECAST_EDGES, bins: emptyBins(FORECAST_EDGES) },
  };

  placed(distance: number, forecast: number): Bins {
    const { byDistance, byForecast } = this.result;
    const bins = {
      distance: byDistance.bins[binOf(distance, DISTANCE_EDGES)] as CalibrationBin,
      forecast: byForecast.bins[binOf(forecast, FORECAST_EDGES)] as CalibrationBin,
    };
    bins.distance.placed++;
    bins.forecast.placed++;
    return bins;
  }

  /** @param earned of the notional, as `forecast` is */
  filled({ distance, forecast }: Bins, earned: number, expected: number): void {
    for (const bin of [distance, forecast]) {
      bin.count++;
      bin.sumBps += earned * BPS;
      bin.sumSquaresBps += (earned * BPS) ** 2;
      bin.sumForecastBps += expected * BPS;
    }
  }
}

function emptyBins(edges: readonly number[]): CalibrationBin[] {
  return Array.from({ length: edges.length + 1 }, () => ({
    count: 0,
    sumBps: 0,
    sumSquaresBps: 0,
    sumForecastBps: 0,
    placed: 0,
  }));
}

function binOf(value: number, edges: readonly number[]): number {
  let bin = 0;
  while (bin < edges.length && value >= (edges[bin] as number)) bin++;
  return bin;
}
