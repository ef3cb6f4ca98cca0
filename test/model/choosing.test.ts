/** The steps of docs/rules.md, 9 and 6, worked out by hand where no public scenario shows them. */
import { describe, expect, it } from 'vitest';
import type { Scenario, ScenarioAttempt, ScenarioOrder } from '../support/scenario.ts';
import { decide } from './decide.ts';

const NOW = '2025-01-15T15:00:00Z';

/** An order at a limit of 1, ten percent away: worth `dollars`, forecast to earn `pnl`. */
function order(id: string, dollars: number, pnl: number, more: Partial<ScenarioOrder> = {}): ScenarioOrder {
  return {
    id,
    symbol: id.toUpperCase(),
    side: 'buy',
    limit: 1,
    qty: dollars,
    price: '1.1',
    pnl,
    placedAt: '2025-01-15T14:00:00Z',
    ...more,
  };
}

/** A full account, and a thief at its limit. */
function full(
  orders: ScenarioOrder[],
  thief: { dollars: number; pnl: number } & Partial<ScenarioAttempt>,
  more: Partial<Scenario> = {},
) {
  const { dollars, ...attempt } = thief;
  const equity = orders.reduce((sum, { qty }) => sum + Number(qty), 0);
  const scenario: Scenario = {
    id: 'hand-made',
    policy: 'pnl',
    config: {},
    now: NOW,
    account: { equity, leverage: 1 },
    orders,
    history: [],
    attempt: { symbol: 'THIEF', side: 'buy', limit: 1, qty: dollars, price: 1, ...attempt },
    ...more,
  };
  const { reason, victims } = decide(scenario);
  return [reason, ...victims];
}

function steals(...list: [secondsAgo: number, from: string, to: string][]): Partial<Scenario> {
  return {
    history: list.map(([ago, from, to]) => ({
      at: new Date(Date.parse(NOW) - ago * 1000).toISOString(),
      from,
      to,
    })),
  };
}

describe('the set of victims', () => {
  it('is the worst ones until it fits', () => {
    expect(full([order('a', 10, 1), order('b', 10, 2), order('c', 10, 3)], { dollars: 20, pnl: 9 })).toEqual([
      'stolen',
      'a',
      'b',
    ]);
  });

  it('lets go, from the best back, who is not needed', () => {
    const orders = [order('a', 10, 1), order('b', 5, 2), order('c', 20, 3)];
    expect(full(orders, { dollars: 30, pnl: 9 })).toEqual(['stolen', 'a', 'c']);
  });

  it('is the single order that suffices where that gives up less', () => {
    expect(
      full([order('a', 10, 2), order('b', 10, 2.5), order('c', 20, 3)], { dollars: 20, pnl: 9 }),
    ).toEqual(['stolen', 'c']);
  });

  it('is the greedy one where the single one gives up more', () => {
    expect(
      full([order('a', 10, 1), order('b', 10, 1.5), order('c', 20, 3)], { dollars: 20, pnl: 9 }),
    ).toEqual(['stolen', 'a', 'b']);
  });

  it('is the smaller one where both give up the same', () => {
    expect(full([order('a', 10, 1), order('b', 10, 2), order('c', 20, 3)], { dollars: 20, pnl: 9 })).toEqual([
      'stolen',
      'c',
    ]);
  });

  it('is the single one where the greedy one has too many', () => {
    const orders = [...['a', 'b', 'c', 'd'].map((id) => order(id, 5, 0)), order('e', 20, 3)];
    expect(full(orders, { dollars: 20, pnl: 9 })).toEqual(['stolen', 'e']);
    expect(full(orders, { dollars: 20, pnl: 3 })).toEqual(['too_many_victims']);
  });

  it('is the single one where the sum of the greedy one is not beaten', () => {
    expect(
      full([order('a', 10, 2), order('b', 10, 2), order('c', 20, 3)], { dollars: 20, pnl: 3.3 }),
    ).toEqual(['stolen', 'c']);
    expect(
      full([order('a', 10, 2), order('b', 10, 2), order('c', 20, 3)], { dollars: 20, pnl: 3.299999999 }),
    ).toEqual(['pnl_not_better']);
  });

  it('does not reach past the first order that is not beaten', () => {
    expect(full([order('a', 10, 1), order('b', 10, 5)], { dollars: 20, pnl: 5 })).toEqual([
      'insufficient_freed',
    ]);
  });

  it('does not reach past the 64th candidate', () => {
    const small = Array.from({ length: 63 }, (_, at) => order(`s${at}`, 1, 0));
    expect(full([...small, order('big', 70, 1)], { dollars: 70, pnl: 9 })).toEqual(['stolen', 'big']);
    expect(full([...small, order('one', 1, 0), order('big', 70, 1)], { dollars: 70, pnl: 9 })).toEqual([
      'insufficient_freed',
    ]);
  });

  it('frees room in every pool that lacks it, and takes from no other', () => {
    const orders = [
      order('a', 10, 1, { pool: 'stock' }),
      order('b', 10, 2, { pool: 'crypto' }),
      order('c', 10, 3, { pool: 'crypto' }),
    ];
    const thief = { dollars: 10, pnl: 9, pool: 'crypto' };
    const pools = (crypto: number): Partial<Scenario> => ({
      config: { WORK_STEALING_POOLS: `crypto:${crypto},stock:9` },
    });
    expect(full(orders, thief, pools(9))).toEqual(['stolen', 'a']);
    expect(full(orders, thief, { ...pools(0.5), account: { equity: 40, leverage: 1 } })).toEqual([
      'stolen',
      'b',
    ]);
    expect(full(orders, thief, { ...pools(0.5), account: { equity: 40, leverage: 0.75 } })).toEqual([
      'stolen',
      'b',
    ]);
  });
});

describe('a fight', () => {
  const book = [order('a', 10, 1)];
  const thief = { dollars: 10, pnl: 9 };

  it('is a third steal, whichever way the others went', () => {
    expect(full(book, thief, steals([400, 'A', 'THIEF'], [500, 'A', 'THIEF']))).toEqual(['fighting']);
    expect(full(book, thief, steals([400, 'THIEF', 'A'], [500, 'A', 'THIEF']))).toEqual(['fighting']);
    expect(full(book, thief, steals([400, 'THIEF', 'A'], [500, 'B', 'THIEF']))).toEqual(['stolen', 'a']);
  });

  it('protects both symbols from everyone until 1,800 s after it was completed', () => {
    const fight = (ago: number) => steals([ago, 'A', 'B'], [ago + 400, 'B', 'A'], [ago + 800, 'A', 'B']);
    expect(full(book, thief, fight(1799))).toEqual(['no_candidates']);
    expect(full(book, thief, fight(1800))).toEqual(['stolen', 'a']);
    expect(full([order('b', 10, 1)], thief, fight(1799))).toEqual(['no_candidates']);
  });

  it('needs its three steals within 1,800 s, both ends counted', () => {
    expect(full(book, thief, steals([400, 'A', 'B'], [800, 'B', 'A'], [2200, 'A', 'B']))).toEqual([
      'no_candidates',
    ]);
    expect(full(book, thief, steals([400, 'A', 'B'], [800, 'B', 'A'], [2201, 'A', 'B']))).toEqual([
      'stolen',
      'a',
    ]);
  });
});

describe('stealing back', () => {
  it('is refused within the cooldown, and only between the two', () => {
    const [book, thief] = [[order('a', 10, 1)], { dollars: 10, pnl: 9 }];
    expect(full(book, thief, steals([299, 'THIEF', 'A']))).toEqual(['no_candidates']);
    expect(full(book, thief, steals([300, 'THIEF', 'A']))).toEqual(['stolen', 'a']);
    expect(full(book, thief, steals([299, 'B', 'A']))).toEqual(['stolen', 'a']);
  });
});
