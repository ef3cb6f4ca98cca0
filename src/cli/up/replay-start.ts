import { WorkstealError } from '../../domain/errors.ts';
import { readForecasts } from '../../prices/forecasts.ts';

/**
 * When a replay of this folder should begin: when the last of its symbols has its first forecast, so that all
 * of them take part.
 */
export function replayStart(folder: string): string {
  const first = new Map<string, number>();
  for (const { symbol, atMs } of readForecasts(folder)) if (!first.has(symbol)) first.set(symbol, atMs);
  if (first.size === 0)
    throw new WorkstealError('invalid', `${folder}: no bar there has a buy_limit and a sell_limit`, {
      field: 'data',
      value: folder,
    });
  return new Date(Math.max(...first.values())).toISOString();
}
