/**
 * Leverage that follows the market's session: brokers lend more within a day than overnight
 * (docs/rules.md, 4.1).
 */
import type { Pool } from './setting-kinds.ts';
import type { Settings } from './setting-values.ts';

/** A pool's leverage in the core session, or outside it: cap / equity, a decimal string. */
export function leverageAt({ leverage, leverageClosed = leverage }: Pool, isOpen: boolean): string {
  return isOpen ? leverage : leverageClosed;
}

/** Does any pool have a different leverage outside the session? */
export function followsSession({ pools }: Pick<Settings, 'pools'>): boolean {
  return pools.some(({ leverageClosed }) => leverageClosed !== undefined);
}
