/** Entries, exits and steals on minutes that are written by hand. */
import { describe, expect, it } from 'vitest';
import { runSeed } from '../../../src/evidence/run.ts';
import type { PolicyKind, PolicyRun, SymbolBars } from '../../../src/evidence/types.ts';
import { handMade, START_MS } from '../../support/walking-market.ts';

const PLAN = { limit: 100, target: 101 };
const flat = (price: number) => ({ path: [[price, 60] as const] });

/** The run of orders of this share of the equity. */
function run(symbols: SymbolBars[], size = 0.1, kind: PolicyKind = 'none'): PolicyRun {
  const options = { policies: [{ name: kind, kind, rules: {} }], sizes: [size], seed: 1 };
  return runSeed({ symbols }, options).runs[0] as PolicyRun;
}

/** One stock: an hour at 100.5 that plans the next, then these hours, then twelve at the last price. */
function traded(...hours: Parameters<typeof handMade>[1]): PolicyRun {
  const last = hours.at(-1)?.path.at(-1)?.[0] ?? 1;
  return run([handMade('AAA', [{ ...flat(100.5), plan: PLAN }, ...hours, ...Array(12).fill(flat(last))])]);
}

describe('an entry', () => {
  it('fills at its limit once a later price is below it', () => {
    const { fills, days, turnover } = traded({
      path: [
        [100.5, 30],
        [99.9, 30],
      ],
    });
    expect(fills).toBe(1);
    expect(days[0]).toBeCloseTo(1000 * (99.9 / 100 - 1), 9);
    expect(turnover[0]).toBeCloseTo(0.1 * (1 + 0.999), 9);
  });

  it('does not fill where the price only touches the limit', () => {
    expect(
      traded({
        path: [
          [100.5, 30],
          [100, 29],
          [100.5, 1],
        ],
      }),
    ).toMatchObject({ placed: 1, fills: 0 });
  });

  it('fills at the market where the price is below its limit when it is placed', () => {
    const { days } = traded({ path: [[99, 60]] });
    expect(days[0]).toBeCloseTo(0, 9); // bought at 99, sold at 99
  });

  it('is placed within its entry tolerance only, and not in the last minute of its bar', () => {
    expect(traded({ path: [[100.67, 60]] })).toMatchObject({ placed: 0 });
    expect(traded({ path: [[100.66, 60]] })).toMatchObject({ placed: 1 });
    expect(
      traded({
        path: [
          [102, 59],
          [100.5, 1],
        ],
      }),
    ).toMatchObject({ placed: 0 });
    expect(
      traded({
        path: [
          [102, 58],
          [100.5, 1],
          [99, 1],
        ],
      }),
    ).toMatchObject({ placed: 1, fills: 1 });
  });

  it('dies with its bar, and no plan crosses a gap', () => {
    expect(traded({ path: [[100.5, 60]] }, { path: [[99, 60]] })).toMatchObject({ placed: 1, fills: 0 });
    const stock = handMade('AAA', [{ ...flat(100.5), plan: PLAN }, flat(100.5), flat(100.5)]);
    const without = (at: number): SymbolBars => ({
      ...stock,
      bars: stock.bars.toSpliced(at, 1),
      minutes: stock.minutes?.toSpliced(at, 1) ?? [],
      limits: stock.limits?.toSpliced(at, 1) ?? [],
    });
    expect(run([without(2)])).toMatchObject({ placed: 1 });
    expect(run([without(1)])).toMatchObject({ placed: 0 });
  });
});

describe('an exit', () => {
  const entry = { path: [[99.9, 60] as const] };
  const bought = 99.9;
  const bps = (sold: number): number => (1000 * (sold - bought)) / 100;

  it('is at the target in a later bar whose high is above it', () => {
    expect(
      traded(entry, {
        path: [
          [100.5, 30],
          [101.01, 30],
        ],
      }).days[0],
    ).toBeCloseTo(bps(101), 9);
  });

  it('does not come by touching the target, nor in the bar of the entry', () => {
    expect(
      traded(
        {
          path: [
            [99.9, 30],
            [105, 29],
            [99.9, 1],
          ],
        },
        flat(101),
      ).days[0],
    ).toBeCloseTo(bps(101), 9);
    expect(traded(entry, flat(101), flat(100)).days[0]).toBeCloseTo(bps(100), 9);
  });

  it('is at the open where that is beyond the target', () => {
    expect(
      traded(
        {
          path: [
            [99.9, 59],
            [103, 1],
          ],
        },
        flat(102),
      ).days[0],
    ).toBeCloseTo(bps(103), 9);
  });

  it('is not at an open above all that traded in its bar, as the close before a night is', () => {
    const stock = handMade('AAA', [
      { ...flat(100.5), plan: PLAN },
      {
        path: [
          [99.9, 59],
          [103, 1],
        ],
      },
      ...Array(12).fill(flat(100)),
    ]);
    const bars = stock.bars.map((bar, at) => (at === 2 ? { ...bar, high: 100 } : bar));
    expect(bars[2]).toMatchObject({ open: 103, high: 100 });
    expect(run([{ ...stock, bars }]).days[0]).toBeCloseTo(bps(100), 9);
  });

  it('is at the close of the eighth bar after the entry at the latest', () => {
    const hours = Array.from({ length: 9 }, (_, at) => flat(100 + 0.01 * at));
    expect(traded(entry, ...hours, flat(90)).days[0]).toBeCloseTo(bps(100.07), 9);
  });

  it('lets the symbol enter again', () => {
    const again = [{ ...flat(100.5), plan: PLAN }, { ...flat(101.5), plan: PLAN }, flat(99.9), flat(99.9)];
    const { fills, placed } = traded({ ...entry, plan: PLAN }, ...again);
    expect([placed, fills]).toEqual([2, 2]);
  });
});

describe('a steal', () => {
  /** The worse one takes the room first, 0.6 % away; the better one comes to its limit at minute 20. */
  const worse = (after: number) =>
    handMade('BAD', [
      { ...flat(100.6), plan: { limit: 100, target: 100.5 } },
      {
        path: [
          [100.6, 40],
          [after, 20],
        ],
      },
      ...Array(12).fill(flat(after)),
    ]);
  const better = (after: number) =>
    handMade('GOOD', [
      { ...flat(102), plan: { limit: 100, target: 105 } },
      {
        path: [
          [102, 20],
          [100.2, 10],
          [after, 30],
        ],
      },
      ...Array(12).fill(flat(after)),
    ]);

  it('takes the room of a worse order, and tells what became of both', () => {
    const { steals, fills, placed, days } = run([worse(100.6), better(99.9)], 2, 'pnl');
    expect([placed, fills]).toEqual([2, 1]);
    expect(days[0]).toBeCloseTo(-20, 6);
    expect(steals).toEqual([
      {
        ...{ atMs: START_MS + 80 * 60_000, day: 0, thief: 'GOOD', share: 2, fate: 'filled' },
        forecastBps: expect.closeTo(1000, 6),
        returnBps: expect.closeTo(-20, 6),
        worthBps: expect.closeTo(-20, 6),
        victims: [
          {
            ...{ symbol: 'BAD', share: 2, returnBps: 0 },
            ...{ tradedInPlan: false, traded1h: false, traded24h: false },
            forecastBps: expect.closeTo(100, 6),
            distance: expect.closeTo(0.006, 9),
          },
        ],
      },
    ]);
  });

  it('is regretted where the limit of the victim trades after all', () => {
    const [steal] = run([worse(99.5), better(100.2)], 2, 'pnl').steals;
    expect(steal).toMatchObject({ fate: 'missed', returnBps: 0, worthBps: expect.closeTo(100, 6) });
    expect(steal?.victims[0]).toMatchObject({ tradedInPlan: true, traded1h: true, traded24h: true });
    expect(steal?.victims[0]?.returnBps).toBeCloseTo(-100, 6);
  });

  it('leaves an order alone that is as good, near its limit, or already a position', () => {
    const [poor] = [
      handMade('POOR', [
        { ...flat(102), plan: { limit: 100, target: 100.5 } },
        {
          path: [
            [102, 20],
            [100.2, 10],
            [101, 30],
          ],
        },
      ]),
    ];
    expect(run([worse(100.6), poor], 2, 'pnl')).toMatchObject({
      steals: [],
      blockedMinutes: { any: 10, notBetter: 10, tooFar: 0 },
    });
    const near = handMade('NEAR', [{ ...flat(100.4), plan: { limit: 100, target: 100.1 } }, flat(100.4)]);
    expect(run([near, better(100.2)], 2, 'pnl')).toMatchObject({
      steals: [],
      blockedMinutes: { any: 39, protected: 39 },
    });
    const held = handMade('HELD', [{ ...flat(99), plan: { limit: 100, target: 101 } }, flat(99), flat(99)]);
    const { steals, blockedMinutes } = run([held, better(101)], 2, 'pnl');
    expect(steals).toEqual([]);
    expect(blockedMinutes).toMatchObject({ any: 10, onlyPositions: 10 });
  });

  it('is out of reach beyond the steal gate', () => {
    const far = handMade('FAR', [
      { ...flat(102), plan: { limit: 100, target: 105 } },
      {
        path: [
          [102, 20],
          [100.31, 10],
          [102, 30],
        ],
      },
    ]);
    expect(run([worse(100.6), far], 2, 'pnl')).toMatchObject({ steals: [], blockedMinutes: { tooFar: 10 } });
    expect(run([worse(100.6), better(100.2)], 2, 'none')).toMatchObject({ steals: [], placed: 1 });
  });
});
