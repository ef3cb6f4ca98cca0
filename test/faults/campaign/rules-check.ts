/**
 * An independent check of I3: was each steal allowed by the rules, given the earlier steals, the plans as
 * filed and the prices that the steal recorded? Exact decimals; written from the rules, not from the Lua.
 */
import { toNanos } from '../../../src/domain/decimal.ts';
import type { Plan } from '../../../src/ledger/commands/plans.ts';
import type { Settings } from '../../../src/rules/settings.ts';
import { worthOf } from '../../support/worth.ts';

export type Steal = {
  id: string;
  atMs: number;
  thief: string;
  victims: readonly { id: string; symbol: string; pnl: string; heldMicros: number }[];
  /** Of the pool `total`, then. */
  capMicros: number;
  /** What it was judged by: symbol -> price. */
  prices: ReadonlyMap<string, string>;
};
/** One robbed symbol of a steal, as the ledger remembers it too. */
export type Remembered = { id: string; atMs: number; thief: string; victim: string };
/** What a steal took: micro-USD. */
type Taken = { atMs: number; micros: number };

const NANOS = 1_000_000_000n;

export class RulesCheck {
  readonly violations: string[] = [];
  readonly #rules: Settings;
  readonly #planOf: (orderId: string) => Plan | undefined;
  /** By steal and robbed symbol. */
  #history = new Map<string, Remembered>();
  /** Of those, the steals after which the clock was put back: how long ago they were is unknown. */
  readonly #ahead = new Set<string>();
  /** Limits that people changed at the broker, as the ledger heard of them: by order. */
  readonly #limits = new Map<string, string>();
  /** Ledger time at which an order was reserved. */
  readonly #reservedMs = new Map<string, number>();
  #taken: Taken[] = [];
  #fights: { symbols: readonly [string, string]; untilMs: number }[] = [];

  constructor(rules: Settings, planOf: (orderId: string) => Plan | undefined) {
    this.#rules = rules;
    this.#planOf = planOf;
  }

  /** The ledger was lost: what is not told by `remember` from now on it has forgotten. */
  forgetAll(): void {
    this.#history.clear();
    this.#fights = [];
    this.#taken = [];
  }

  /** What a ledger that was lost still knows; what it decided since is no news. */
  remember(past: readonly Remembered[]): void {
    for (const one of past) this.#history.set(`${one.id} ${one.victim}`, one);
  }

  /** A steal that would have been one too many was refused: from now on both symbols rest. */
  fight(symbols: readonly [string, string], untilMs: number): void {
    this.#fights.push({ symbols, untilMs });
  }

  /** The order was reserved, or found at the broker: its age begins. */
  reserved(order: string, atMs: number): void {
    this.#reservedMs.set(order, atMs);
  }

  /** Somebody changed the order's limit at the broker. */
  changed(order: string, limit: string): void {
    this.#limits.set(order, limit);
  }

  /** To be called in the order of the ledger's events. */
  steal(steal: Steal): void {
    const wrong = (what: string): void => void this.violations.push(`${steal.id} (${steal.thief}): ${what}`);
    const thief = this.#planOf(steal.id);
    if (thief === undefined) return wrong('no plan asked for it');
    for (const [at, { atMs }] of this.#history) if (atMs > steal.atMs) this.#ahead.add(at);
    this.#judgeThief(steal, thief, wrong);
    for (const victim of steal.victims) this.#judgeVictim(steal, victim, wrong);
    this.#judgeSum(steal, thief, wrong);
    this.#judgeBudget(steal, wrong);
    for (const symbol of new Set(steal.victims.map((victim) => victim.symbol))) {
      this.remember([{ id: steal.id, atMs: steal.atMs, thief: steal.thief, victim: symbol }]);
    }
    this.#forget(steal.atMs);
  }

  #judgeThief(steal: Steal, thief: Plan, wrong: (what: string) => void): void {
    const price = steal.prices.get(steal.thief);
    if (price === undefined) return wrong('its own price is not on record');
    if (isFurther(thief, price, this.#rules.gate))
      wrong(`at ${price} it is further than the steal gate from ${thief.limit}`);
    if (steal.victims.length > this.#rules.maxVictims) wrong(`${steal.victims.length} victims`);
    if (new Set(steal.victims.map(({ id }) => id)).size !== steal.victims.length) wrong('a victim twice');
  }

  #judgeVictim(
    { atMs, thief, prices }: Steal,
    victim: Steal['victims'][number],
    wrong: (what: string) => void,
  ): void {
    const { cooldownMs, fightThreshold, fightWindowMs, vipSymbols } = this.#rules;
    const { id, symbol } = victim;
    const filed = this.#planOf(id);
    const price = prices.get(symbol);
    if (filed === undefined) return wrong(`${id} is no entry of a plan`);
    const plan = { ...filed, limit: this.#limits.get(id) ?? filed.limit };
    if (plan.mode === 'probe') wrong(`${id} is a probe`);
    if (vipSymbols.includes(symbol)) wrong(`${symbol} is never robbed`);
    if (symbol === thief) wrong(`${id} is of its own symbol`);
    const ageMs = this.#ageMs(id, atMs);
    if (ageMs !== undefined && ageMs < this.#rules.minResidencyMs) wrong(`${id} is only ${ageMs} ms old`);
    const robbed = [...this.#history.values()].filter(
      (one) => one.victim === symbol && one.atMs <= atMs && atMs - one.atMs <= this.#rules.robbedWindowMs,
    ).length;
    if (this.#rules.maxRobbed > 0 && robbed >= this.#rules.maxRobbed)
      wrong(`${symbol} was robbed ${robbed} times before`);
    if (price === undefined) wrong(`the price of ${symbol} is not on record`);
    else if (!isFurther(plan, price, this.#rules.protection))
      wrong(`${id} at ${price} is protected by its limit ${plan.limit}`);
    for (const [at, before] of this.#history) {
      const agoMs = atMs - before.atMs;
      // Its cooldown may have ended before the clock was put back.
      if (before.victim === symbol && !this.#ahead.has(at) && agoMs < cooldownMs)
        wrong(`${symbol} was robbed ${agoMs} ms before`);
      if (before.victim === thief && before.thief === symbol && agoMs < cooldownMs)
        wrong(`it steals back from ${symbol} after ${agoMs} ms`);
    }
    for (const { symbols, untilMs } of this.#fights) {
      if (untilMs > atMs && symbols.includes(symbol))
        wrong(`${symbol} rests after a fight for ${untilMs - atMs} ms more`);
    }
    const pair = (one: Remembered) => [one.thief, one.victim].sort().join();
    const between = [thief, symbol].sort().join();
    const earlier = [...this.#history.values()].filter(
      (one) => pair(one) === between && atMs - one.atMs <= fightWindowMs,
    ).length;
    if (earlier + 1 >= fightThreshold) wrong(`it is steal ${earlier + 1} between the two`);
  }

  #ageMs(order: string, atMs: number): number | undefined {
    const sinceMs = this.#reservedMs.get(order);
    return sinceMs === undefined ? undefined : atMs - sinceMs;
  }

  #judgeBudget({ atMs, victims, capMicros }: Steal, wrong: (what: string) => void): void {
    this.#taken.push({ atMs, micros: victims.reduce((sum, { heldMicros }) => sum + heldMicros, 0) });
    const { budget, budgetWindowMs } = this.#rules;
    this.#taken = this.#taken.filter((one) => atMs - one.atMs <= budgetWindowMs);
    const taken = this.#taken.reduce((sum, { micros }) => sum + micros, 0);
    if (toNanos(budget) > 0n && BigInt(taken) * NANOS > BigInt(capMicros) * toNanos(budget))
      wrong(`steals took ${taken} of a cap of ${capMicros} micro-USD`);
  }

  #judgeSum({ atMs, victims }: Steal, thief: Plan, wrong: (what: string) => void): void {
    if (this.#rules.policy === 'distance') return;
    // Without its age an order is worth no more than its forecast: only what it certainly is can be judged.
    if (this.#rules.pnlHalfLifeMs > 0 && victims.some(({ id }) => !this.#reservedMs.has(id))) return;
    const pnls = victims.map(({ id, pnl }) =>
      worthOf(this.#baseOf(pnl, this.#planOf(id)), this.#ageMs(id, atMs) ?? 0, this.#rules.pnlHalfLifeMs),
    );
    const stakes = this.#baseOf(thief.pnl, thief);
    const sum = pnls.reduce((total, pnl) => total + pnl, 0n);
    for (const pnl of [...pnls, sum])
      if (!isBetter(stakes, pnl, this.#rules.minImprovement))
        wrong(`${stakes} nanos do not beat ${pnl} nanos`);
  }

  /** Under policy expected a forecast counts x its probability, rounded down. */
  #baseOf(pnl: string, plan: Plan | undefined): bigint {
    if (this.#rules.policy !== 'expected') return toNanos(pnl);
    const exact = toNanos(pnl) * toNanos(plan?.fillProbability ?? '1');
    return (exact - (((exact % NANOS) + NANOS) % NANOS)) / NANOS;
  }

  #forget(nowMs: number): void {
    const { cooldownMs, fightWindowMs, robbedWindowMs } = this.#rules;
    const since = nowMs - Math.max(cooldownMs, fightWindowMs, robbedWindowMs) - 1;
    for (const [at, { atMs }] of this.#history) if (atMs < since) this.#history.delete(at);
    this.#fights = this.#fights.filter(({ untilMs }) => untilMs > nowMs);
  }
}

/** Further from its limit than this share of it? At the share it is not. */
function isFurther({ side, limit }: Plan, price: string, share: string): boolean {
  const [at, of] = [toNanos(price), toNanos(limit)];
  const away = side === 'buy' ? at - of : of - at;
  return away * NANOS > toNanos(share) * of;
}

/** Thief >= victim + (factor - 1) x |victim|, and > victim. */
function isBetter(thief: bigint, victim: bigint, factor: string): boolean {
  const size = victim < 0n ? -victim : victim;
  return thief > victim && (thief - victim) * NANOS >= (toNanos(factor) - NANOS) * size;
}
