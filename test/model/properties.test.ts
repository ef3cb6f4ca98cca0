/** Properties of every decision: checks the reference model without another model. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromNanos } from '../../src/domain/decimal.ts';
import { toSymbol } from '../../src/domain/symbol.ts';
import type { Scenario, ScenarioAttempt, ScenarioOrder } from '../support/scenario.ts';
import { worthOf } from '../support/worth.ts';
import { scenarios } from './arbitrary.ts';
import { baseOf, nanos, notional } from './book.ts';
import { decide } from './decide.ts';

const RUNS = { numRuns: 500 }; // a failure prints its seed

/** Settings that make a decision depend on the size of the cap, or on the ninth decimal of a PnL. */
const without = (scenario: Scenario, ...names: string[]): Scenario => ({
  ...scenario,
  config: { ...scenario.config, ...Object.fromEntries(names.map((name) => [`WORK_STEALING_${name}`, '0'])) },
});
const withoutBudget = scenarios.map((scenario) => without(scenario, 'BUDGET'));
const withoutFading = scenarios.map((scenario) => without(scenario, 'PNL_HALF_LIFE'));

/** One of about five. */
const robbing = scenarios.filter((scenario) => decide(scenario).reason === 'stolen');

type Answer = { reason: string; victims: string[]; wouldVictims: string[] };

function answer(scenario: Scenario): Answer {
  const { reason, victims, wouldVictims = [] } = decide(scenario);
  return { reason, victims, wouldVictims };
}

function victimsOf(scenario: Scenario): ScenarioOrder[] {
  return decide(scenario).victims.map(
    (id) => scenario.orders.find((order) => order.id === id) as ScenarioOrder,
  );
}

function always(holds: (scenario: Scenario) => void, from = scenarios): void {
  fc.assert(fc.property(from, holds), from === robbing ? { numRuns: 200 } : RUNS);
}

describe('a victim', () => {
  it('is never protected by the rules', () => {
    always((scenario) => {
      const setting = (name: string, otherwise: string): string => scenario.config[name] ?? otherwise;
      const agoMs = (at: string): number => Date.parse(scenario.now) - Date.parse(at);
      const vips = setting('WORK_STEALING_VIP_SYMBOLS', '')
        .split(',')
        .map((symbol) => symbol.trim().replace('/', ''));
      const cooldownMs = Number(setting('WORK_STEALING_COOLDOWN', '300')) * 1000;
      for (const victim of victimsOf(scenario)) {
        const symbol = toSymbol(victim.symbol);
        expect(victim).toMatchObject({ mode: 'normal', state: 'working', kind: 'entry' });
        expect(vips).not.toContain(symbol);
        expect(symbol).not.toBe(toSymbol(scenario.attempt.symbol));
        expect(agoMs(victim.priceAt ?? scenario.now)).toBeLessThanOrEqual(
          Number(setting('WORK_STEALING_QUOTE_MAX_AGE', '15')) * 1000,
        );
        expect(agoMs(victim.placedAt)).toBeGreaterThanOrEqual(
          Number(setting('WORK_STEALING_MIN_RESIDENCY', '0')) * 1000,
        );
        const robbed = scenario.history.filter(
          ({ at, from }) =>
            toSymbol(from) === symbol &&
            agoMs(at) <= Number(setting('WORK_STEALING_ROBBED_WINDOW', '3600')) * 1000,
        );
        const most = Number(setting('WORK_STEALING_MAX_ROBBED', '0'));
        if (most > 0) expect(robbed.length).toBeLessThan(most);
        const [limit, price] = [nanos(victim.limit), nanos(victim.price)];
        const protection = nanos(setting('WORK_STEALING_PROTECTION', '0.004'));
        if (victim.side === 'buy')
          expect(price * 10n ** 9n).toBeGreaterThan(limit * (10n ** 9n + protection));
        else expect(price * 10n ** 9n).toBeLessThan(limit * (10n ** 9n - protection));
        for (const { at, from, to } of scenario.history.filter((steal) => agoMs(steal.at) < cooldownMs)) {
          expect(toSymbol(from)).not.toBe(symbol);
          expect([toSymbol(from), toSymbol(to)], at).not.toEqual([toSymbol(scenario.attempt.symbol), symbol]);
        }
      }
    }, robbing);
  });

  it('was in fewer earlier steals with the thief than make a fight', () => {
    always((scenario) => {
      const windowMs = Number(scenario.config['WORK_STEALING_FIGHT_WINDOW']) * 1000;
      const thief = toSymbol(scenario.attempt.symbol);
      for (const victim of victimsOf(scenario)) {
        const pair = [thief, toSymbol(victim.symbol)].sort().join();
        const lately = scenario.history.filter(
          ({ at }) => Date.parse(scenario.now) - Date.parse(at) <= windowMs,
        );
        const steals = lately.filter(({ from, to }) => [toSymbol(from), toSymbol(to)].sort().join() === pair);
        expect(steals.length + 1).toBeLessThan(Number(scenario.config['WORK_STEALING_FIGHT_THRESHOLD']));
      }
    }, robbing);
  });

  it('is beaten, and so is the sum of them, under the policies pnl and expected', () => {
    always((scenario) => {
      if (scenario.policy === 'distance') return;
      const tenths = nanos(scenario.config['WORK_STEALING_MIN_PNL_IMPROVEMENT']) - 10n ** 9n;
      const halfLifeMs = Number(scenario.config['WORK_STEALING_PNL_HALF_LIFE']) * 1000;
      const pnls = victimsOf(scenario).map((order) =>
        worthOf(
          baseOf(scenario.policy, order),
          Date.parse(scenario.now) - Date.parse(order.placedAt),
          halfLifeMs,
        ),
      );
      const thief = baseOf(scenario.policy, scenario.attempt);
      for (const pnl of [...pnls, pnls.reduce((sum, one) => sum + one, 0n)]) {
        expect(thief).toBeGreaterThan(pnl);
        expect(thief * 10n ** 9n).toBeGreaterThanOrEqual(pnl * 10n ** 9n + (pnl < 0n ? -pnl : pnl) * tenths);
      }
      expect(pnls).toEqual(pnls.toSorted((a, b) => Number(a - b)));
    }, robbing);
  });
});

describe('what an order is worth', () => {
  const pnls = fc.bigInt({ min: 1n, max: 10n ** 15n });
  const ages = fc.oneof(fc.nat(100_000), fc.nat(10 ** 9));

  it('is half of it after a half-life, and a quarter after two', () => {
    fc.assert(
      fc.property(pnls, fc.integer({ min: 1, max: 10 ** 9 }), (pnl, halfLifeMs) => {
        expect(worthOf(pnl, halfLifeMs, halfLifeMs)).toBe(pnl / 2n);
        expect(worthOf(pnl, 2 * halfLifeMs, halfLifeMs)).toBe(pnl / 4n);
      }),
    );
  });

  it('is the same after two waits as after both together, and never grows', () => {
    fc.assert(
      fc.property(
        pnls,
        ages,
        ages,
        fc.integer({ min: 1000, max: 10 ** 9 }),
        (pnl, one, other, halfLifeMs) => {
          const [first, both] = [worthOf(pnl, one, halfLifeMs), worthOf(pnl, one + other, halfLifeMs)];
          const then = worthOf(first, other, halfLifeMs); // rounded twice
          expect(both - then).toBeGreaterThanOrEqual(0n);
          expect(both - then).toBeLessThanOrEqual(1n);
          expect(both).toBeLessThanOrEqual(first);
        },
      ),
    );
  });

  it('is what it was where it is no gain, or nothing fades', () => {
    expect(worthOf(-5n, 10_000, 1000)).toBe(-5n);
    expect(worthOf(0n, 10_000, 1000)).toBe(0n);
    expect(worthOf(7n, 10_000, 0)).toBe(7n);
  });
});

describe('the victims of a steal', () => {
  it('took no more within the window than the budget, together with earlier ones', () => {
    always((scenario) => {
      const share = nanos(scenario.config['WORK_STEALING_BUDGET']);
      if (share === 0n) return;
      const windowMs = Number(scenario.config['WORK_STEALING_BUDGET_WINDOW']) * 1000;
      const lately = scenario.history.filter(
        ({ at }) => Date.parse(scenario.now) - Date.parse(at) <= windowMs,
      );
      const micros = [
        ...lately.map(({ held }) => (nanos(held) + 999n) / 1000n),
        ...victimsOf(scenario).map(({ limit, qty }) => notional(nanos(limit), nanos(qty))),
      ];
      const cap = nanos(scenario.account.equity) * nanos(scenario.account.leverage);
      expect(micros.reduce((sum, one) => sum + one, 0n) * 10n ** 21n).toBeLessThanOrEqual(cap * share);
    }, robbing);
  });

  it('keep what the surplus buys and no more, if it is enough of the best of them', () => {
    always((scenario) => {
      const { kept: [kept] = [], numbers } = decide(scenario);
      if (kept === undefined) return;
      const victims = victimsOf(scenario);
      const best = victims.at(-1) as ScenarioOrder;
      const [limit, had, qty] = [nanos(best.limit), nanos(best.qty), nanos(kept.qty)];
      expect(kept).toMatchObject({ order: best.id, notional: fromNanos(notional(limit, qty) * 1000n) });
      expect(qty).toBeLessThan(had);
      expect(qty * 10n ** 9n).toBeGreaterThanOrEqual(
        had * nanos(scenario.config['WORK_STEALING_PARTIAL_MIN']),
      );
      const step =
        qty % 10n ** 9n === 0n && had % 10n ** 9n === 0n && !best.symbol.includes('USD') ? 10n ** 9n : 1n;
      const pools = [...new Set(['total', best.pool ?? 'total', scenario.attempt.pool ?? 'total'])].filter(
        (pool) => pool === 'total' || pool === best.pool,
      );
      const spare = pools
        .filter((pool) => numbers?.roomByPoolMicros[pool] !== undefined)
        .map((pool) => {
          const freed = victims.filter((order) => pool === 'total' || order.pool === pool);
          return (
            BigInt(numbers?.roomByPoolMicros[pool] ?? 0) +
            freed.reduce((sum, order) => sum + notional(nanos(order.limit), nanos(order.qty)), 0n) -
            BigInt(numbers?.needMicros ?? 0)
          );
        });
      for (const micros of spare) expect(notional(limit, qty)).toBeLessThanOrEqual(micros);
      const more = notional(limit, qty + step);
      expect(qty + step >= had || spare.some((micros) => more > micros) || pools.length > spare.length).toBe(
        true,
      );
    }, robbing);
  });

  it('free what lacks, in every pool; without any one of them it would not fit', () => {
    always((scenario) => {
      const { numbers } = decide(scenario);
      const fits = (set: ScenarioOrder[]): boolean =>
        Object.entries(numbers?.roomByPoolMicros ?? {}).every(([pool, room]) => {
          const freed = set
            .filter((order) => pool === 'total' || order.pool === pool)
            .map(({ limit, qty }) => notional(nanos(limit), nanos(qty)));
          return freed.reduce((sum, micros) => sum + Number(micros), room) >= (numbers?.needMicros ?? 0);
        });
      const victims = victimsOf(scenario);
      expect(fits(victims)).toBe(true);
      expect(victims.length).toBeLessThanOrEqual(Number(scenario.config['WORK_STEALING_MAX_VICTIMS']));
      for (const spared of victims) expect(fits(victims.filter((order) => order !== spared))).toBe(false);
    }, robbing);
  });

  it('are the same in a dry run, where nothing happens', () => {
    always((scenario) => {
      const dry = decide({ ...scenario, config: { ...scenario.config, WORK_STEALING_DRY_RUN: '1' } });
      expect(dry).toMatchObject({
        admitted: false,
        victims: [],
        reason: 'dry_run',
        wouldVictims: decide(scenario).victims,
      });
    }, robbing);
  });

  it('are found by a better thief too', () => {
    always((scenario) => {
      if (scenario.policy === 'distance') return;
      const better = { ...scenario.attempt, pnl: fromNanos(nanos(scenario.attempt.pnl) + 1n) };
      expect(decide({ ...without(scenario, 'BUDGET'), attempt: better }).reason).toBe('stolen');
    }, robbing);
  });

  it('are spared when the cap is raised by what lacked', () => {
    always((scenario) => {
      const { numbers } = decide(scenario);
      if (numbers === null || (scenario.attempt.pool ?? 'total') !== 'total') return;
      const lack = BigInt(numbers.needMicros - numbers.roomMicros);
      expect(answer(roomier(scenario, lack))).toEqual({ reason: 'fits', victims: [], wouldVictims: [] });
      expect(answer(roomier(scenario, lack - 1n)).reason).not.toBe('fits');
    }, robbing);
  });
});

describe('a decision does not change with', () => {
  it('the order in which orders, positions and steals are listed', () => {
    const shuffled = scenarios.chain((scenario) =>
      fc.tuple(
        fc.constant(scenario),
        fc.shuffledSubarray(scenario.orders, all(scenario.orders)),
        fc.shuffledSubarray(scenario.history, all(scenario.history)),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([scenario, orders, history]) => {
        expect(decide({ ...scenario, orders, history })).toEqual(decide(scenario));
      }),
      RUNS,
    );
  });

  it('the spelling of a symbol', () => {
    const respell = (symbol: string): string =>
      symbol.includes('/') ? symbol.replace('/', '') : symbol.replace(/USD$/, '/USD');
    always((scenario) => {
      const config = { ...scenario.config };
      config['WORK_STEALING_VIP_SYMBOLS'] = (config['WORK_STEALING_VIP_SYMBOLS'] ?? '')
        .split(',')
        .map(respell)
        .join(',');
      const other: Scenario = {
        ...scenario,
        config,
        orders: scenario.orders.map((order) => ({ ...order, symbol: respell(order.symbol) })),
        history: scenario.history.map((one) => ({ ...one, from: respell(one.from), to: respell(one.to) })),
        attempt: { ...scenario.attempt, symbol: respell(scenario.attempt.symbol) },
      };
      expect(decide(other)).toEqual(decide(scenario));
    });
  });

  it('an order more that the rules protect, when the cap grows by it', () => {
    const protectedBy = fc.constantFrom<Partial<ScenarioOrder>>(
      { mode: 'probe' },
      { state: 'reserved' },
      { state: 'cancelling' },
      { kind: 'external' },
      { price: null },
      { price: '0' },
      { price: '10' },
      { price: '9.9' },
      { price: '10.000000001' },
      { priceAt: '2025-01-15T12:00:00Z' },
    );
    fc.assert(
      fc.property(withoutBudget, protectedBy, (scenario, how) => {
        const worst: ScenarioOrder = {
          id: '!',
          symbol: 'TSLA',
          side: 'buy',
          limit: '10',
          qty: '7',
          price: '20',
          pnl: '-99',
          placedAt: scenario.now,
          pool: 'total',
          ...how,
        };
        if (how.price === '10.000000001' && scenario.config['WORK_STEALING_PROTECTION'] === '0') return;
        const grown = roomier({ ...scenario, orders: [worst, ...scenario.orders] }, 70_000_000n);
        expect(answer(grown)).toEqual(answer(scenario));
      }),
      RUNS,
    );
  });

  it('the day: all times moved alike', () => {
    const later = <T extends string | undefined>(at: T): T =>
      at === undefined ? at : (new Date(Date.parse(at) + 86_400_000).toISOString() as T);
    const moved = <T extends ScenarioOrder | ScenarioAttempt>(one: T): T => ({
      ...one,
      ...(one.priceAt === undefined ? {} : { priceAt: later(one.priceAt) }),
    });
    always((scenario) => {
      const other: Scenario = {
        ...scenario,
        now: later(scenario.now),
        orders: scenario.orders.map((order) => ({ ...moved(order), placedAt: later(order.placedAt) })),
        history: scenario.history.map((steal) => ({ ...steal, at: later(steal.at) })),
        attempt: moved(scenario.attempt),
      };
      expect(decide(other)).toEqual(decide(scenario));
    });
  });

  it('the unit of PnL: all forecasts doubled', () => {
    const doubled = <T extends ScenarioOrder | ScenarioAttempt>(one: T): T => ({
      ...one,
      pnl: fromNanos(2n * nanos(one.pnl)),
    });
    always((scenario) => {
      // Under policy expected forecasts are rounded.
      if (scenario.policy === 'expected' || decide(scenario).reason === 'invalid') return;
      const other = { ...scenario, orders: scenario.orders.map(doubled), attempt: doubled(scenario.attempt) };
      expect(decide(other)).toEqual(decide(scenario));
    }, withoutFading);
  });

  it('the side of the market: every side turned round, every price mirrored at its limit', () => {
    const mirrored = <T extends ScenarioOrder | ScenarioAttempt>(one: T): T => {
      const priced = nanos(one.price) !== 0n;
      return {
        ...one,
        side: one.side === 'buy' ? 'sell' : 'buy',
        price: priced ? fromNanos(2n * nanos(one.limit) - nanos(one.price)) : one.price,
      };
    };
    always((scenario) => {
      if (decide(scenario).reason === 'invalid') return;
      const other = {
        ...scenario,
        orders: scenario.orders.map(mirrored),
        attempt: mirrored(scenario.attempt),
      };
      expect(decide(other)).toEqual(decide(scenario));
    });
  });
});

/** The same account with a `total` cap that is so much higher. The made accounts allow that to the micro. */
function roomier(scenario: Scenario, micros: bigint): Scenario {
  const { equity, leverage } = scenario.account;
  const account =
    equity === '1000'
      ? { ...scenario.account, leverage: fromNanos(nanos(leverage) + micros) }
      : { ...scenario.account, equity: fromNanos(nanos(equity) + micros * 2000n) };
  return { ...scenario, account };
}

function all(list: unknown[]): { minLength: number; maxLength: number } {
  return { minLength: list.length, maxLength: list.length };
}
