/** `orders` lists what may be taken in the order in which a steal looks at it, whatever ranks orders. */
import { expect, it } from 'vitest';
import { readValues } from '../../src/inspection/reading.ts';
import { key } from '../../src/ledger/keys.ts';
import type { Env } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder } from '../support/ledger.ts';

const ledgers = useLedgers();
const HOUR_MS = 3_600_000;
const HALF_LIFE = { WORK_STEALING_PNL_HALF_LIFE: '1800' };
const LONGER = { WORK_STEALING_PNL_HALF_LIFE: '14400' };

/** An order an hour, each of its own symbol. */
const ORDERS = [
  { symbol: 'AAA', pnl: '9', probability: '0.5', price: '11' },
  { symbol: 'BBB', pnl: '4', probability: '1', price: '13' },
  { symbol: 'CCC', pnl: '-1', probability: '0.5', price: '11.5' },
  { symbol: 'DDD', pnl: '5', probability: '0.1', price: '12' },
  { symbol: 'EEE', pnl: '3', probability: '0.9', price: '14' },
];

it.each<[string, Env, string]>([
  ['pnl', {}, 'CCC EEE BBB DDD AAA'],
  ['pnl, fading', HALF_LIFE, 'CCC AAA BBB DDD EEE'],
  ['distance', { WORK_STEALING_POLICY: 'distance' }, 'EEE BBB DDD CCC AAA'],
  ['expected', { WORK_STEALING_POLICY: 'expected' }, 'CCC DDD EEE BBB AAA'],
  ['expected, fading', { WORK_STEALING_POLICY: 'expected', ...LONGER }, 'CCC DDD AAA BBB EEE'],
])('%s: as the index of victims has them', async (_, env, expected) => {
  const account = await ledgers.account({ env });
  for (const { symbol, pnl, probability } of ORDERS) {
    await account.place(anOrder(`o-${symbol}`).of(symbol).at('10').worth(10).pnl(pnl).likely(probability));
    await account.advanceLedger(HOUR_MS);
  }
  await account.prices(Object.fromEntries(ORDERS.map(({ symbol, price }) => [symbol, price])));
  const { orders } = (await readValues(account.ledger, { script: 'orders', words: [] })) as {
    orders: { symbol: string; victim: string }[];
  };
  expect(orders.every(({ victim }) => victim === 'takeable')).toBe(true);
  const listed = orders.map(({ symbol }) => symbol).join(' ');
  const members = await account.ledger.redis.zrange(key(account.name, 'victims:total'), 0, '-1');
  expect(listed).toBe(members.map((member) => member.replace(/^.*o-/, '')).join(' '));
  expect(listed).toBe(expected);
});
