/** What a run promises: the same seed gives the same answer, and no decision knows the future. */
import { describe, expect, it } from 'vitest';
import { runSeed } from '../../../src/evidence/run.ts';
import type { Market, Policy, RunOptions } from '../../../src/evidence/types.ts';
import { START_MS, walkingMarket } from '../../support/walking-market.ts';

const POLICIES: Policy[] = [
  { name: 'none', kind: 'none', rules: {} },
  { name: 'random', kind: 'random', rules: {} },
  { name: 'pnl', kind: 'pnl', rules: {} },
  { name: 'distance', kind: 'distance', rules: {} },
  { name: 'expected', kind: 'expected', rules: {} },
  { name: 'queue', kind: 'queue', rules: {} },
  { name: 'half-life', kind: 'pnl', rules: { halfLifeMs: 1_800_000 } },
  { name: 'partial', kind: 'pnl', rules: { partial: true } },
  { name: 'near', kind: 'none', rules: {}, entryTolerance: 0.003 },
  { name: 'hindsight', kind: 'hindsight', rules: {} },
];
const OPTIONS: RunOptions = { policies: POLICIES, sizes: [0.4, 0.8], seed: 7 };
const HOURS = 6 * 24;
const market = walkingMarket({ symbols: 8, hours: HOURS, seed: 3 });

describe('a run', () => {
  const result = runSeed(market, OPTIONS);

  it('has each policy at each size, and a number for each day', () => {
    expect(result.runs.map(({ policy, size }) => `${policy} ${size}`)).toEqual(
      POLICIES.flatMap(({ name }) => [`${name} 0.4`, `${name} 0.8`]),
    );
    expect(result.dayStartsMs).toEqual(Array.from({ length: 6 }, (_, day) => START_MS + day * 86_400_000));
    for (const { days, turnover } of result.runs) expect([days.length, turnover.length]).toEqual([6, 6]);
  });

  it('is the same once more, bit for bit, and another with another seed', () => {
    expect(runSeed(market, OPTIONS)).toEqual(result);
    expect(runSeed(market, { ...OPTIONS, seed: 8 }).runs).not.toEqual(result.runs);
  });

  it('steals under each policy that steals, and under no other', () => {
    for (const { policy, steals } of result.runs)
      expect(steals.length > 0, policy).toBe(!['none', 'queue', 'near'].includes(policy));
  });

  it('never holds more than the cap, and names all that was robbed', () => {
    for (const { use, steals } of result.runs) {
      expect(use.max).toBeLessThanOrEqual(1);
      expect(use.mean).toBeGreaterThan(use.positionsMean);
      for (const { victims, thief } of steals) {
        expect(victims.length).toBeGreaterThan(0);
        expect(victims.map(({ symbol }) => symbol)).not.toContain(thief);
      }
    }
  });

  it('gives most to who knows the future', () => {
    const total = (name: string): number =>
      result.runs.find(({ policy }) => policy === name)?.days.reduce((sum, day) => sum + day) ?? 0;
    for (const { name } of POLICIES.filter(({ kind }) => kind !== 'hindsight'))
      expect(total('hindsight')).toBeGreaterThan(total(name));
  });

  it('trades a part of the market as the whole was traded: the past is all that it needs', () => {
    const from = START_MS + 3 * 86_400_000;
    const part = runSeed(market, { ...OPTIONS, from });
    expect(part.dayStartsMs).toEqual(result.dayStartsMs.slice(3));
    expect(part.runs[4]?.fills).toBeGreaterThan(0);
  });
});

describe('no decision', () => {
  it('before an instant depends on the prices after it', () => {
    const splitMs = START_MS + 4 * 86_400_000;
    const honest = POLICIES.filter(({ kind }) => kind !== 'hindsight');
    const stealsBefore = (of: Market): unknown[] =>
      runSeed(of, { ...OPTIONS, policies: honest }).runs.flatMap(({ policy, size, steals }) =>
        steals
          .filter(({ atMs }) => atMs < splitMs)
          .map(({ atMs, thief, forecastBps, victims }) => ({
            ...{ policy, size, atMs, thief, forecastBps },
            victims: victims.map(({ symbol, share, distance }) => [symbol, share, distance]),
          })),
      );
    const other: Market = {
      symbols: market.symbols.map((one) => ({
        ...one,
        bars: one.bars.map((bar) =>
          bar.startMs < splitMs ? bar : { ...bar, open: 50, high: 60, low: 40, close: 45 },
        ),
      })),
    };
    const decided = stealsBefore(market);
    expect(decided.length).toBeGreaterThan(100);
    expect(stealsBefore(other)).toEqual(decided);
  });
});

describe('what can not be run', () => {
  const symbol = market.symbols[0] as Market['symbols'][number];
  const bar = symbol.bars[0] as (typeof symbol.bars)[number];
  it.each<[string, Market, Partial<RunOptions>, RegExp]>([
    ['a market of nothing', { symbols: [] }, {}, /market: has no symbols/],
    ['two policies of one name', market, { policies: [...POLICIES, POLICIES[0] as Policy] }, /named none/],
    ['a size of nothing', market, { sizes: [0] }, /sizes: 0/],
    ['a seed that is no whole number', market, { seed: 0.5 }, /seed: 0.5/],
    [
      'a price of nothing',
      { symbols: [{ ...symbol, bars: [{ ...bar, low: 0 }] }] },
      {},
      /W0USD, bar of 2025-01-06T00:00:00.000Z: low 0 is not a price/,
    ],
    ['a bar twice', { symbols: [{ ...symbol, bars: [bar, bar] }] }, {}, /less than an hour later/],
    [
      'an improvement below one',
      market,
      { policies: [{ name: 'odd', kind: 'pnl', rules: { improvement: 0.9 } }] },
      /policy odd: improvement is 0.9, below 1/,
    ],
  ])('is refused by name: %s', (_, of, options, message) => {
    expect(() => runSeed(of, { ...OPTIONS, ...options })).toThrow(message);
  });
});
