import { WorkstealError } from '../../domain/errors.ts';
import { readForecasts } from '../../prices/forecasts.ts';

/**
 * The start time of a replay: the first moment at which every symbol of the folder has a forecast.
 * @throws WorkstealError `invalid` if the folder has no forecast
 */
export function replayStart(folder: string): string {
  const first = new Map<string, number>();
  for (const { symbol, atMs } of readForecasts(folder)) if (!first.has(symbol)) first.set(symbol, atMs);
  if (first.size === 0)
    throw new WorkstealError('invalid', `${folder}: no bar has a buy_limit and a sell_limit`, {
      field: 'data',
      value: folder,
    });
  return new Date(Math.max(...first.values())).toISOString();
}
