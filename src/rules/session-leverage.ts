/**
 * Leverage that follows the market's session: brokers lend more within a day than overnight (rules.md,
 * Settings).
 */
import type { Pool } from './setting-kinds.ts';
import type { Settings } from './setting-values.ts';

/** A pool's leverage in the core session, or out of it. */
export function leverageAt({ leverage, leverageClosed = leverage }: Pool, isOpen: boolean): string {
  return isOpen ? leverage : leverageClosed;
}

/** Has any pool another leverage out of the session? */
export function followsSession({ pools }: Pick<Settings, 'pools'>): boolean {
  return pools.some(({ leverageClosed }) => leverageClosed !== undefined);
}
