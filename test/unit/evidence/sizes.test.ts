/** Orders as large as their plans say. */
import { expect, it } from 'vitest';
import { runSeed } from '../../../src/evidence/run.ts';
import type { BarLimits, Market, Policy } from '../../../src/evidence/types.ts';
import { seededRandom } from '../../../src/prices/random.ts';
import { handMade, START_MS, walkingMarket } from '../../support/walking-market.ts';

const NONE: Policy = { name: 'none', kind: 'none', rules: {} };
const POLICIES: Policy[] = [
  NONE,
  { name: 'queue', kind: 'queue', rules: {} },
  { name: 'pnl', kind: 'pnl', rules: {} },
  { name: 'partial', kind: 'pnl', rules: { partial: true } },
];

/** Walking symbols with plans of these sizes. */
function planned(shareOf: (drawn: number) => number | undefined): Market {
  const random = seededRandom(5);
  return {
    symbols: walkingMarket({ symbols: 8, hours: 48, seed: 3, minutes: true }).symbols.map((one) => ({
      ...one,
      limits: one.bars.map(({ close }): BarLimits => {
        const share = shareOf(random.next());
        const plan = { limit: close * 0.997, target: close * (1.001 + 0.01 * random.next()) };
        return share === undefined ? plan : { ...plan, share };
      }),
    })),
  };
}

it('of one size for all, they are what that size gives, bit for bit', () => {
  const market = planned(() => 0.4);
  const by = (size: 0.4 | 'plans') =>
    runSeed(market, { policies: POLICIES, sizes: [size], seed: 7 }).runs.map((run) => ({ ...run, size: 0 }));
  expect(by('plans')).toEqual(by(0.4));
  expect(by(0.4).find(({ policy }) => policy === 'pnl')?.steals.length).toBeGreaterThan(0);
});

it('of different sizes, never take more than the cap, and thieves take what they need', () => {
  const { runs } = runSeed(
    planned((drawn) => 0.1 + drawn),
    { policies: POLICIES, sizes: ['plans'], seed: 7 },
  );
  for (const { use } of runs) expect(use.max).toBeLessThanOrEqual(1);
  const steals = runs.find(({ policy }) => policy === 'pnl')?.steals ?? [];
  const shares = new Set(steals.flatMap(({ share, victims }) => [share, ...victims.map((one) => one.share)]));
  expect(shares.size).toBeGreaterThan(10);
});

it('each earns and turns over by its own size; one of no size is not traded', () => {
  // Limit 99 trades, target 110 in the hour behind it: both stand in the plan of the first hour.
  const plan = { limit: 99, target: 110 };
  const hours = (share?: number) => [
    { path: [[100, 60]] as [number, number][], plan: share === undefined ? plan : { ...plan, share } },
    {
      path: [
        [99.2, 30],
        [98, 30],
      ] as [number, number][],
    },
    {
      path: [
        [98, 30],
        [112, 30],
      ] as [number, number][],
    },
  ];
  const market: Market = {
    symbols: [handMade('AAA', hours(0.5)), handMade('BBB', hours(0.25)), handMade('CCC', hours())],
  };
  const [run] = runSeed(market, { policies: [NONE], sizes: ['plans'], seed: 1 }).runs;
  expect(run?.fills).toBe(2);
  expect(run?.days[0]).toBeCloseTo(0.75 * (11 / 99) * 1e4, 6);
  expect(run?.turnover[0]).toBeCloseTo(0.75 * (209 / 99), 9);
});

it('need a plan that says one', () => {
  const market = walkingMarket({ symbols: 2, hours: 30, seed: 1 });
  expect(() => runSeed(market, { policies: [NONE], sizes: ['plans'], seed: 1 })).toThrow(
    /^sizes: plans: no plan says its size; give the column buy_amount/,
  );
});

it('are refused by name where they are no share', () => {
  const [one] = walkingMarket({ symbols: 1, hours: 3, seed: 1 }).symbols;
  const limits = [{ limit: 99, target: 101, share: 101 }, undefined, undefined];
  const market = { symbols: one === undefined ? [] : [{ ...one, limits }] };
  expect(() => runSeed(market, { policies: [NONE], sizes: ['plans'], seed: 1 })).toThrow(
    `W0USD, plan for ${new Date(START_MS + 3_600_000).toISOString()}: share 101 is not from 0 to 100`,
  );
});
