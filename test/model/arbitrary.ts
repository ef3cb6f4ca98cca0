/**
 * Random decision scenarios that sit on the edges of docs/rules.md (edges.ts), with caps that fit, or lack,
 * to the micro.
 *
 * Within one scenario a symbol has one price and one price time, as in a ledger. All decimals are strings, so
 * nothing is lost on the way; no more than six decimals in the equity (money is micro-USD).
 */
import type fc from 'fast-check';
import { fromNanos } from '../../src/domain/decimal.ts';
import type { Scenario, ScenarioOrder } from '../support/scenario.ts';
import { notional } from './book.ts';
import { type Choices, choices, SYMBOLS } from './edges.ts';

const HELD = ['100', '0', '250.000001', '0.000000001', '400'];
const NOW_MS = Date.parse('2025-01-15T15:00:00Z');

/** A random scenario. */
export const scenarios: fc.Arbitrary<Scenario> = choices.map(build);

function build(made: Choices): Scenario {
  const shareOf: Record<string, bigint> = {
    gate: nanosOf(made.config['WORK_STEALING_TOLERANCE']),
    protection: nanosOf(made.config['WORK_STEALING_PROTECTION']),
    'beyond gate': 5_000_000n,
    zero: 0n,
    near: 1_000_000n,
    through: -20_000_000n,
    far: 50_000_000n,
    'very far': 200_000_000n,
  };
  const rotate = (index: number): number => (index + made.thief.symbol) % SYMBOLS.length; // 0: the thief's
  const spell = (index: number, slash: boolean): string => {
    const symbol = SYMBOLS[rotate(index)] ?? '';
    return slash ? symbol : symbol.replace('/', '');
  };
  const quoteOf = (index: number) =>
    index === 0 ? made.thief.quote : (made.quotes[index] ?? made.thief.quote);
  const priced = (index: number): { price: string | null; priceAt?: string } => {
    const { limit, side, place: at, missing, ageMs } = quoteOf(index);
    const distance = (limit * (shareOf[at.share] ?? 0n)) / 10n ** 9n + at.further;
    const price = side === 'buy' ? limit + distance : limit - distance;
    const text = missing === 'none' ? null : missing === 'zero' ? '0' : fromNanos(price > 0n ? price : 1n);
    return { price: text, ...(ageMs === 0 ? {} : { priceAt: iso(NOW_MS - ageMs) }) };
  };
  const sized = (limit: bigint, micros: bigint) => {
    const qty = (micros * 10n ** 12n) / limit || 1n;
    return { limit: fromNanos(limit), qty: fromNanos(qty), micros: notional(limit, qty) };
  };

  const orders = made.orders.map((one, at) => {
    const { limit: usual, side } = quoteOf(one.symbol);
    const shifts: Record<string, bigint> = {
      'nano above': 1n,
      'nano below': -1n,
      above: usual / 10n,
      below: -usual / 10n,
    };
    const { limit, qty, micros } = sized(usual + (shifts[one.limit] ?? 0n), one.notional);
    const placed: ScenarioOrder = {
      id: `${one.idStart}${at}`,
      symbol: spell(one.symbol, one.spelling),
      side: one.otherSide ? (side === 'buy' ? 'sell' : 'buy') : side,
      limit,
      qty,
      ...priced(one.symbol),
      pnl: one.pnl,
      ...(one.fillProbability === null ? {} : { fillProbability: one.fillProbability }),
      mode: one.mode,
      state: one.state,
      kind: one.kind,
      placedAt: iso(NOW_MS - one.agoMs),
      ...(one.hasPlan ? {} : { plan: null }),
      ...(made.pools ? { pool: one.pool ?? 'total' } : {}),
    };
    const taken =
      one.mode === 'normal' && one.state === 'working' && one.kind === 'entry' && one.symbol !== 0;
    return { placed, micros: one.kind === 'exit' ? 0n : micros, pool: one.pool, taken };
  });
  const position =
    made.position === null ? [] : [{ symbol: 'KO', qty: made.position, price: '61.3', pool: 'stock' }];
  const held = position.map(({ qty, pool }) => ({
    micros: notional(61_300_000_000n, abs(nanosOf(qty))),
    pool,
    taken: false,
  }));
  const size = sized(made.thief.quote.limit, made.thief.notional);

  const capOf = (members: { micros: bigint; taken: boolean }[], choice: Choices['totalRoom']): bigint => {
    const few = members.some(({ taken }) => taken) ? members.filter(({ taken }) => taken) : members;
    const free = [...new Set(choice.some.map((index) => few[index % few.length]))].map(
      (item) => item?.micros ?? 100_000_000n,
    );
    const lack =
      choice.kind === 'fits' ? 0n : sum(choice.kind === 'lacks' ? free : few.map(({ micros }) => micros));
    const cap = sum(members.map(({ micros }) => micros)) + size.micros - lack + choice.beside;
    return cap > 0n ? cap : 1n;
  };
  const everything = [...orders, ...held];
  const pool = made.thief.pool ?? 'crypto';
  const ownCap = capOf(
    everything.filter((item) => item.pool === pool),
    made.poolRoom,
  );
  const cap = capOf(everything, made.totalRoom);
  // A thousand dollars of equity: a leverage with nine decimals gives every cap to the micro.
  const pools = made.pools
    ? { WORK_STEALING_POOLS: `${pool}:${fromNanos(ownCap)},${pool === 'crypto' ? 'stock' : 'crypto'}:4` }
    : {};
  const account =
    made.pools || made.asLeverage
      ? { equity: '1000', leverage: fromNanos(cap) }
      : { equity: fromNanos(cap * 2000n), leverage: '0.5' };

  return {
    id: 'random',
    policy: made.policy,
    config: { ...made.config, ...pools },
    now: iso(NOW_MS),
    account: { ...account, halted: made.halted, synced: made.synced },
    positions: made.pools ? position : position.map(({ symbol, qty, price }) => ({ symbol, qty, price })),
    orders: orders.map(({ placed }) => placed),
    history: made.history
      .filter(({ from, to }) => from !== to)
      .map(({ from, to, ageMs }, at) => ({
        at: iso(NOW_MS - ageMs),
        from: spell(from, at % 2 === 0),
        to: spell(to, at % 3 === 0),
        ...(at % 4 === 0 ? {} : { held: HELD[at % HELD.length] as string }),
      })),
    attempt: {
      symbol: spell(0, made.thief.spelling),
      side: made.thief.quote.side,
      limit: size.limit,
      qty: size.qty,
      ...priced(0),
      pnl: made.thief.pnl,
      ...(made.thief.fillProbability === null ? {} : { fillProbability: made.thief.fillProbability }),
      mode: made.thief.mode,
      kind: made.thief.kind,
      ...(made.pools ? { pool: made.thief.pool ?? 'total' } : {}),
      ...made.fault,
    },
    mutexHeld: made.mutexHeld,
  };
}

function nanosOf(text: string | undefined): bigint {
  const [whole = '0', fraction = ''] = (text ?? '0').replace('-', '').split('.');
  const nanos = BigInt(whole) * 10n ** 9n + BigInt(fraction.padEnd(9, '0'));
  return text?.startsWith('-') === true ? -nanos : nanos;
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value;
}

function sum(values: bigint[]): bigint {
  return values.reduce((total, value) => total + value, 0n);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
