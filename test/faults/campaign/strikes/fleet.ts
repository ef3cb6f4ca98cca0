/** Another fleet, unaware of the first, trades on the same account. */
import { readClosures, reopen } from '../../../../src/ledger/commands/closures.ts';
import { key } from '../../../../src/ledger/keys.ts';
import type { Arena } from '../arena.ts';
import { happens } from '../happens.ts';
import type { Strike } from './strike.ts';

/** Its processes start, its keeper reconciles, and an order of it finds room. */
const ORDER_LIMIT_MS = 40_000;
const NOTICED_LIMIT_MS = 40_000;

export const fleetStrikes: Readonly<Record<string, Strike>> = {
  /**
   * Each of the two closes the account for itself; a person ends the second, cancels its orders, and reopens
   * the first.
   */
  async second_fleet({ ledger, rivals }, chance) {
    const account = chance.next() < 0.5 ? ledger.account : 'second';
    const rival = await rivals.start(account, Math.floor(1e9 * chance.next()));
    const period = { fromMs: Date.now(), untilMs: Number.POSITIVE_INFINITY };
    rivals.periods.push(period);
    const heal = async (): Promise<void> => {
      await rival.end();
      await happens(async () => (await reopen(ledger, 'fleet')) !== 'unknown', NOTICED_LIMIT_MS);
      period.untilMs = Date.now();
    };
    try {
      if (!(await happens(() => rival.hasOrder(), ORDER_LIMIT_MS)))
        throw new Error('the second fleet found no room');
      if (!(await isNoticed(ledger)))
        rivals.unnoticed.push(`the orders of ${rival.name}, another fleet, did not close the account`);
      return heal;
    } catch (error) {
      await heal();
      throw error;
    }
  },
};

/**
 * Reconciliations that must have passed without a closure: the first ones may have begun before the
 * order was there.
 */
const ROUNDS = 4;

/**
 * Resolves with whether the account closes because of another fleet; or is rebuilt: such a ledger adopts what
 * it finds, and judges nobody. Where its keeper was away all the time, nothing can be said, and it is taken
 * for noticed.
 */
export async function isNoticed(ledger: Arena['ledger']): Promise<boolean> {
  const { redis, account } = ledger;
  const field = async (name: string) => await redis.hget(key(account, 'account'), name);
  const before = await field('rebuilt_ms').catch(() => null);
  const rounds = new Set<string>();
  const isClosed = async () => (await readClosures(ledger)).some(({ cause }) => cause === 'fleet');
  const isNoted = async () => {
    rounds.add((await field('sync_started_ms')) ?? '');
    return (await isClosed()) || (await field('rebuilt_ms')) !== before;
  };
  return (await happens(isNoted, NOTICED_LIMIT_MS)) || rounds.size <= ROUNDS;
}
