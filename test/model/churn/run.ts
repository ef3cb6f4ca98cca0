/** A simulated month of a full book under one setting of the rules. The same seed gives the same month. */
import { audit } from '../../../src/ledger/commands/audit.ts';
import { setClock } from '../../../src/ledger/commands/clock.ts';
import { configure } from '../../../src/ledger/commands/configure.ts';
import { sweep } from '../../../src/ledger/commands/sweep.ts';
import { sync } from '../../../src/ledger/commands/sync.ts';
import { tick } from '../../../src/ledger/commands/tick.ts';
import { key } from '../../../src/ledger/keys.ts';
import { type Ledger, ledgerOn } from '../../../src/ledger/ledger.ts';
import { type Random, seededRandom } from '../../../src/prices/random.ts';
import { type Env, readSettings } from '../../../src/rules/settings.ts';
import { Desk, type Witnessed } from './desk.ts';
import { Counter, type Figures } from './figures.ts';
import { Market, STEP_MS, SYMBOLS } from './market.ts';
import { dollars, makePlan } from './plans.ts';

const START_MS = Date.parse('2025-01-01T00:00:00Z');
const MINUTE_MS = 60_000;
const SWEEP_STEPS = 15;
const EQUITY_DOLLARS = 100_000;
const LEVERAGE = 2;
const PLANS_PER_SYMBOL = 2;
/** Prices and leases are as of one instant of health time, which stands still. */
const SYNC_MAX_AGE_MS = 600_000;

export type Month = {
  seed: number;
  hours: number;
  env: Env;
  /** Sees each steal when it is committed. */
  onSteal?: (steal: Witnessed) => void;
};

/** @param account fresh */
export async function runMonth(base: Ledger, account: string, month: Month): Promise<Figures> {
  const { seed, hours, env, onSteal = () => {} } = month;
  const ledger = ledgerOn(base.redis, account, { functions: base.functions });
  const rules = readSettings({
    WORK_STEALING_LEVERAGE: `${LEVERAGE}`,
    WORK_STEALING_QUOTE_MAX_JUMP: '0',
    ...env,
  }).settings;
  await configure(ledger, rules, SYNC_MAX_AGE_MS);
  await setClock(ledger, { mode: 'manual', nowMs: START_MS, healthMs: START_MS });
  await sync(ledger, EQUITY_DOLLARS * 1_000_000, START_MS, []);

  const market = new Market(seed);
  const random = seededRandom(seed);
  const counter = new Counter();
  const centsOf = (symbol: string): number => market.cents(symbol);
  const desk = new Desk({ ledger, rules, counter, centsOf, onSteal });
  const planner = new Planner(desk, market, random);
  const steps = Math.round((hours * 60 * MINUTE_MS) / STEP_MS);
  for (let step = 1; step <= steps; step += 1) {
    market.move();
    desk.nowMs = START_MS + step * STEP_MS;
    const quotes = market.prices().map(({ symbol, cents }) => ({ symbol, price: dollars(cents), ageMs: 0 }));
    await Promise.all([
      setClock(ledger, { mode: 'manual', nowMs: desk.nowMs, healthMs: START_MS }),
      tick(ledger, quotes),
    ]);
    counter.saw(desk.nowMs, centsOf);
    await desk.trade();
    await planner.file();
    await desk.followTurns();
    await desk.approach(shuffled([...desk.seats.values()], random));
    await desk.followTurns();
    if (step % SWEEP_STEPS === 0) {
      while ((await sweep(ledger, 1_000)).more);
      counter.used(await useOf(ledger));
    }
  }
  const faults = (await audit(ledger))?.faults ?? ['the account is gone'];
  if (faults.length > 0) throw new Error(`the audit found ${faults.join('; ')}`);
  return counter.figures(hours);
}

/** Keeps a few plans per symbol on file: a new one some minutes after one has ended. */
class Planner {
  readonly #desk: Desk;
  readonly #market: Market;
  readonly #random: Random;
  readonly #dueMs = new Map(SYMBOLS.map((symbol) => [symbol, 0]));
  #number = 0;

  constructor(desk: Desk, market: Market, random: Random) {
    this.#desk = desk;
    this.#market = market;
    this.#random = random;
  }

  async file(): Promise<void> {
    const open = Map.groupBy(this.#desk.seats.values(), ({ plan }) => plan.symbol);
    const { nowMs } = this.#desk;
    const due = this.#market
      .prices()
      .filter(({ symbol }) => (this.#dueMs.get(symbol) ?? 0) <= nowMs)
      .filter(({ symbol }) => (open.get(symbol)?.length ?? 0) < PLANS_PER_SYMBOL);
    await this.#desk.file(
      due.map((walk) => {
        this.#number += 1;
        this.#dueMs.set(walk.symbol, nowMs + (2 + 6 * this.#random.next()) * MINUTE_MS);
        const id = `${walk.symbol}-${this.#number}`;
        return makePlan(this.#random, id, walk, nowMs, EQUITY_DOLLARS * LEVERAGE);
      }),
    );
  }
}

async function useOf({ redis, account }: Ledger): Promise<number> {
  const fields = ['cap_micros:total', 'orders_micros:total', 'positions_micros:total'];
  const [cap, orders, positions] = (await redis.hmget(key(account, 'account'), ...fields)).map(Number);
  return ((orders ?? 0) + (positions ?? 0)) / (cap ?? 1);
}

function shuffled<T>(list: T[], random: Random): T[] {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = Math.floor(random.next() * (at + 1));
    [list[at], list[other]] = [list[other] as T, list[at] as T];
  }
  return list;
}
