/**
 * Cycles of steals (docs/rules.md, 6.4): what bounds them, on the ledger. Forecasts that rise and prices that
 * move as they like make a cycle of three symbols go round: fights, the cooldown and rule 5.9 say how often.
 * Forecasts that stay make none; with a half-life each victim must have waited.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listOf } from '../../src/ledger/reply.ts';
import type { Env } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';
import { closedCycle, type Taking } from './churn/cycles.ts';

const SYMBOLS = ['AAA', 'BBB', 'CCC', 'DDD'] as const;
const DOLLARS = 100;
const STEP_MS = 15_000;
const TRIED_MS = 3_780_000;
/** A thief needs 1.1 times the worth of its victim: so many half-lives. */
const HALF_LIVES = Math.log2(1.1);

const ledgers = useLedgers();

/** The thief is at its limit, these symbols may be taken from, all others are protected. */
async function quote(account: TestAccount, thief: string, far: readonly string[]): Promise<void> {
  const priceOf = (symbol: string): string =>
    symbol === thief ? '10' : far.includes(symbol) ? '11' : '10.02';
  await account.prices(Object.fromEntries(SYMBOLS.map((symbol) => [symbol, priceOf(symbol)])));
}

/**
 * For an hour and some AAA tries to take from BBB, BBB from CCC and CCC from AAA, each with a fifth more than
 * all before and with prices as it likes them; who is refused tries again after 15 s.
 * @returns at which seconds a round was complete
 */
async function roundsOf(env: Env): Promise<number[]> {
  const account = await ledgers.account({ env, equity: `${2 * DOLLARS}` });
  const begunMs = account.nowMs();
  const ring = SYMBOLS.slice(0, 3);
  await account.prices({ AAA: '10', BBB: '10', CCC: '10' });
  await account.place(anOrder('b').of('BBB').worth(DOLLARS), anOrder('c').of('CCC').worth(DOLLARS));
  const rounds: number[] = [];
  for (let made = 0, tries = 0; account.nowMs() < begunMs + TRIED_MS; tries += 1) {
    const [thief = '', victim = ''] = [ring[made % 3], ring[(made + 1) % 3]];
    await quote(account, thief, [victim]);
    const order = anOrder(`t${tries}`)
      .of(thief)
      .worth(DOLLARS)
      .pnl((1.2 ** made).toFixed(6));
    const answer = await account.steal(order);
    if (answer.outcome !== 'stolen') {
      await account.advanceLedger(STEP_MS);
      continue;
    }
    for (const { id } of answer.victims) await account.end(id, 'cancelled');
    await account.send(order.wish.id);
    made += 1;
    if (made % 3 === 0) rounds.push((account.nowMs() - begunMs) / 1000);
  }
  await account.expectSound();
  return rounds;
}

describe('a cycle of three symbols, however forecasts and prices change, goes round', () => {
  it('twice, then not until the fight is over', async () => {
    expect(await roundsOf({})).toEqual([0, 300, 2400, 2700]);
  });

  it('twice without a cooldown', async () => {
    expect(await roundsOf({ WORK_STEALING_COOLDOWN: '0' })).toEqual([0, 0, 3600, 3600]);
  });

  it('no more often than a symbol may be taken from', async () => {
    expect(await roundsOf({ WORK_STEALING_MAX_ROBBED: '1' })).toEqual([0, 3615]);
  });
});

type PlanTaking = Taking & { ageMs: number };
type Move = { plan: number; afterMs: number };

/**
 * Four plans whose forecasts stay the same, room for two: who is out tries to take from one of those that are
 * in. Nothing but the improvement keeps them from it.
 */
async function takingsOf(
  halfLifeMs: number,
  pnls: readonly string[],
  moves: readonly Move[],
): Promise<PlanTaking[]> {
  const account = await ledgers.account({
    equity: `${2 * DOLLARS}`,
    env: {
      WORK_STEALING_COOLDOWN: '0',
      WORK_STEALING_FIGHT_THRESHOLD: '100',
      WORK_STEALING_PNL_HALF_LIFE: `${halfLifeMs / 1000}`,
    },
  });
  await quote(account, '', []);
  const works = new Map<string, string>();
  const takings: PlanTaking[] = [];
  for (const [at, { plan, afterMs }] of moves.entries()) {
    const symbol = SYMBOLS[plan] ?? 'AAA';
    await account.advanceLedger(afterMs);
    if (works.has(symbol)) continue;
    await quote(account, symbol, [...works.keys()]);
    const order = anOrder(`o${at}`)
      .of(symbol)
      .worth(DOLLARS)
      .pnl(pnls[plan] ?? '0');
    const answer = await account.steal(order);
    if (answer.outcome === 'stolen') {
      const ages = listOf(answer.numbers, 'worths').map((text) => Number(text.split(' ')[1]));
      for (const [nth, victim] of answer.victims.entries()) {
        await account.end(victim.id, 'cancelled');
        works.delete(victim.symbol);
        const taking = { atMs: account.nowMs(), thief: symbol, victim: victim.symbol };
        takings.push({ ...taking, ageMs: ages[nth] ?? 0 });
      }
    } else if (answer.outcome !== 'fits') continue;
    await account.send(order.wish.id);
    works.set(symbol, order.wish.id);
  }
  return takings;
}

/** All cycles that the last of these steals closes, of two plans as well. */
function cyclesOf(takings: readonly PlanTaking[]): PlanTaking[][] {
  return takings.flatMap((last, at) => {
    const before = takings.slice(0, at);
    const back = before.find(({ thief, victim }) => thief === last.victim && victim === last.thief);
    const longer = closedCycle(before, last, Number.POSITIVE_INFINITY);
    return [...(back ? [[last, back]] : []), ...(longer ? [longer] : [])];
  });
}

describe('plans whose forecasts stay the same', () => {
  const pnls = fc.array(fc.constantFrom('-5', '0', '10', '10', '11', '12.1', '13.31', '20'), {
    minLength: 4,
    maxLength: 4,
  });
  const moves = (mostMs: number) =>
    fc.array(fc.record({ plan: fc.nat(3), afterMs: fc.nat(mostMs) }), { minLength: 10, maxLength: 40 });

  it('never make a cycle', async () => {
    let steals = 0;
    await fc.assert(
      fc.asyncProperty(pnls, moves(60_000), async (forecasts, list) => {
        const takings = await takingsOf(0, forecasts, list);
        steals += takings.length;
        expect(cyclesOf(takings)).toEqual([]);
      }),
      { numRuns: 25 },
    );
    expect(steals).toBeGreaterThan(5);
  });

  it('that fade make one only after their orders waited 0.1375 half-lives each, on average', async () => {
    const halfLifeMs = 100_000;
    let [cycles, longer] = [0, 0];
    await fc.assert(
      fc.asyncProperty(pnls, moves(40_000), async (forecasts, list) => {
        for (const cycle of cyclesOf(await takingsOf(halfLifeMs, forecasts, list))) {
          const waitedMs = cycle.reduce((sum, { ageMs }) => sum + ageMs, 0);
          expect(waitedMs).toBeGreaterThanOrEqual(cycle.length * halfLifeMs * HALF_LIVES - 1);
          cycles += 1;
          if (cycle.length > 2) longer += 1;
        }
      }),
      { numRuns: 25 },
    );
    expect(
      [cycles, longer].every((count) => count > 0),
      `${cycles} cycles, ${longer} of three`,
    ).toBe(true);
  });
});
