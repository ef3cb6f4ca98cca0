/** The settings of a keeper's term: all of them are in force before its first round. */
import { expect, it } from 'vitest';
import { putSettingsInForce } from '../../src/keeper/put-settings-in-force.ts';
import { SessionCaps } from '../../src/keeper/session-caps.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder } from '../support/ledger.ts';

const ledgers = useLedgers();

it('are in force as a whole where a new pool damages the book, which keeps those of its index', async () => {
  const account = await ledgers.account();
  const { ledger } = account;
  await account.place(anOrder('a').worth(500));
  const { settings: rules } = readSettings({
    WORK_STEALING_POOLS: 'stock:0.6',
    WORK_STEALING_VIP_SYMBOLS: 'AAA',
    WORK_STEALING_PROTECTION: '0.05',
    WORK_STEALING_MAX_ROBBED: '2',
  });
  const log = { info: () => {}, warn: () => {} };
  const broker = { calendar: async () => [] };
  const caps = new SessionCaps({ ledger, rules, broker, log, syncMaxAgeMs: 600_000, monotonicMs: () => 0 });
  await putSettingsInForce({ ledger, rules, caps, log });
  const field = (name: string) => account.field('settings', name);
  expect(await Promise.all(['vip', 'protection', 'max_robbed'].map(field))).toEqual(['AAA', '0.05', '2']);
  expect((await account.keyspace())['vip']).toEqual(['AAA']);
  expect(await account.field('account', 'damaged')).toBe('');
  // Its orders are counted again before anything is admitted.
  expect(await account.admit(anOrder('b').worth(10))).toMatchObject({ outcome: 'closed' });
});
