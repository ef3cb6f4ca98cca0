/** Another fleet, which knows nothing of the first, trades on its account. */
import { readClosures, reopen } from '../../../../src/ledger/commands/closures.ts';
import { key } from '../../../../src/ledger/keys.ts';
import type { Arena } from '../arena.ts';
import { happens } from '../happens.ts';
import type { Strike } from './strike.ts';

/** Its processes start, its keeper reconciles, and an order of it finds room. */
const ORDER_LIMIT_MS = 40_000;
const NOTICED_LIMIT_MS = 40_000;

export const fleetStrikes: Readonly<Record<string, Strike>> = {
  /** Each of the two closes the account for itself; a person ends the second, cancels its orders, and reopens the first. */
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
      if (!(await happens(() => rival.hasOrder(), ORDER_LIMIT_MS))) throw new Error('the second fleet found no room');
      if (!(await isNoticed(ledger))) rivals.unnoticed.push(`the orders of ${rival.name}, another fleet, did not close the account`);
      return heal;
    } catch (error) {
      await heal();
      throw error;
    }
  },
};

/** Resolves with whether the account closes because of another fleet; or is rebuilt: such a ledger adopts what it finds, and judges nobody. */
export async function isNoticed(ledger: Arena['ledger']): Promise<boolean> {
  const { redis, account } = ledger;
  const rebuilt = async () => await redis.hget(key(account, 'account'), 'rebuilt_ms');
  const before = await rebuilt().catch(() => null);
  const isClosed = async () => (await readClosures(ledger)).some(({ cause }) => cause === 'fleet');
  return await happens(async () => (await isClosed()) || (await rebuilt()) !== before, NOTICED_LIMIT_MS);
}
