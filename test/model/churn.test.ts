/**
 * The simulated month of `npm run churn`, for some hours: it goes the same way twice, each steal is an
 * improvement, and no steals of the same plans make a cycle.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toNanos } from '../../src/domain/decimal.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { listOf } from '../../src/ledger/reply.ts';
import type { Env } from '../../src/rules/settings.ts';
import { useRedis } from '../support/fixtures.ts';
import { freshAccount } from '../support/redis.ts';
import { closedCycle } from './churn/cycles.ts';
import type { Witnessed } from './churn/desk.ts';
import { ROWS } from './churn/rows.ts';
import { runMonth } from './churn/run.ts';
import { tableOf } from './churn/table.ts';

const HOURS = 4;
const SEED = 1;

const redis = useRedis();
let base: Ledger;
beforeAll(async () => {
  base = await openLedger(redis.url, freshAccount('churn'), { loadsFunctions: true });
  base.redis.setMaxListeners(0);
});
afterAll(() => base.close());

const month = (env: Env, onSteal: (steal: Witnessed) => void = () => {}, seed = SEED) =>
  runMonth(base, freshAccount('churn'), { seed, hours: HOURS, env, onSteal });

describe('some hours of a full book', () => {
  it('go the same way twice', async () => {
    const [one, other] = await Promise.all([month({}), month({})]);
    expect(other).toEqual(one);
    expect(one.steals).toBeGreaterThan(5);
    expect(one.fills).toBeGreaterThan(5);
    expect(one.use).toBeGreaterThan(0.7);
  });

  it('each thief is better than its victims by a tenth, whatever rules are on', async () => {
    let looked = 0;
    const judge = ({ thief, victims, numbers }: Witnessed): void => {
      const worths = listOf(numbers, 'worths').map((text) => text.split(' ')[0] ?? '');
      const given = victims.map(({ pnl }, at) => toNanos(worths[at] ?? pnl));
      const sum = given.reduce((one, other) => one + other, 0n);
      for (const worth of [...given, sum])
        expect(toNanos(thief.pnl ?? '0') * 10n >= worth * 11n, `${thief.id} takes ${worth}`).toBe(true);
      looked += 1;
    };
    const [plain, further] = [{}, ROWS.at(-1)?.env ?? {}];
    const [one, other] = await Promise.all([month(plain, judge, 2), month(further, judge, 2)]);
    expect(looked).toBe(one.steals + other.steals);
    expect(one.planCycles).toBe(0);
  });

  it('nobody is taken from where stealing is off', async () => {
    const figures = await month({ WORK_STEALING_ENABLED: '0' });
    expect(figures).toMatchObject({ steals: 0, cancels: 0, cycles: 0, forNothing: 0, missed: 0 });
    expect(tableOf([{ name: 'off', figures }]).split('\n')).toHaveLength(3);
  });
});

describe('a cycle is', () => {
  const takings = (text: string) =>
    text.split(' ').map((one) => {
      const [atMs, thief = '', victim = ''] = one.split(/[:>]/);
      return { atMs: Number(atMs), thief, victim };
    });
  it.each([
    ['three that take from each other in a ring', '0:A>B 1:B>C 2:C>A', 'CABC'],
    ['one of four', '0:A>B 1:B>C 2:C>D 3:D>A', 'DABCD'],
    ['one whose steals came in another order', '0:B>C 1:A>B 2:C>A', 'CABC'],
    ['one whose first steal is exactly as old as the window', '0:A>B 1:B>C 10:C>A', 'CABC'],
    ['not one with an older steal', '0:A>B 2:B>C 11:C>A', undefined],
    ['not a matter of two', '0:A>B 1:B>A', undefined],
    ['not what two take from the same one', '0:A>B 1:C>B 2:C>A', undefined],
    ['the shortest', '0:A>B 1:B>C 2:C>D 3:D>E 4:B>E 5:E>A', 'EABE'],
  ])('%s', (_, text, names) => {
    const steals = takings(text);
    const cycle = closedCycle(steals, steals.at(-1) ?? { atMs: 0, thief: '', victim: '' }, 10);
    expect(cycle && (cycle[0]?.thief ?? '') + cycle.map(({ victim }) => victim).join('')).toBe(names);
  });
});
