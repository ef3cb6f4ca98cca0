/**
 * The choices behind a random scenario (arbitrary.ts builds it), mostly at the edges of docs/rules.md: one
 * nano beside the gate and the protection, PnL at exactly 1.1 x, steals exactly one cooldown or window ago,
 * ties resolved only by the id.
 */
import fc from 'fast-check';
import type { ScenarioAttempt } from '../support/scenario.ts';
import { histories, QUOTE_AGES_MS } from './edges-of-time.ts';

/** The spelling with a slash; the other leaves it out. */
export const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'KO', 'BTC/USD', 'ETH/USD', 'UNI/USD'];
const LIMITS = [
  [100n * 10n ** 9n, 100n * 10n ** 9n, 1000n * 10n ** 9n, 50_000n * 10n ** 9n],
  [99_800_000_000n, 3_333_333_333n, 123_456_789n, 12_345n],
  // Distances that a double can't tell apart.
  [7_000_000n * 10n ** 9n, 7_000_000n * 10n ** 9n + 1n, 7_000_000n * 10n ** 9n + 21n],
].flat();
const VICTIM_PNLS = [
  '-2',
  '-1',
  '-0.000000001',
  '0',
  null,
  '0.000000001',
  '0.5',
  '1',
  '1',
  '1.000000001',
  '2',
  '3',
];
const THIEF_PNLS = [
  '5',
  '5',
  '5',
  '3.3',
  '2.2',
  '1.1',
  '1.100000001',
  '1.099999999',
  '6.6',
  '0',
  null,
  '-0.9',
  '-1.8',
  '-1.800000001',
  '20',
];
/** Halves and doubles of the forecasts above, what must be rounded, and both ends. Null: left out. */
const PROBABILITIES = [
  null,
  null,
  '1',
  '0.5',
  '0.5',
  '0.1',
  '0.2',
  '0.22',
  '0.333333333',
  '0.999999999',
  '0.000000001',
  '0',
];
const NOTIONALS_MICROS = [
  1n,
  100n,
  100_000_000n,
  100_000_000n,
  100_000_001n,
  200_000_000n,
  300_000_000n,
  500_000_000n,
  499_999_999n,
];

/** Where a price stands, seen from a limit: a share of it, and so many nanos further. */
const place = (shares: string[]) =>
  fc.record({ share: fc.constantFrom(...shares), further: fc.constantFrom(-1n, 0n, 0n, 0n, 1n) });

const quote = (shares: string[]) =>
  fc.record({
    limit: fc.constantFrom(...LIMITS),
    side: fc.constantFrom('buy' as const, 'buy' as const, 'sell' as const),
    place: place(shares),
    missing: often(24, fc.constant(null), fc.constantFrom('none', 'zero')),
    ageMs: often(12, fc.constant(0), fc.constantFrom(...QUOTE_AGES_MS)),
  });

const order = fc.record({
  symbol: fc.oneof(fc.nat(SYMBOLS.length - 1), fc.constantFrom(1, 1, 2)),
  spelling: fc.boolean(),
  idStart: fc.constantFrom('o', 'O', 'a', '_', '-', 'Z9', '10'),
  otherSide: often(9, fc.constant(false), fc.constant(true)),
  /** Its limit, seen from its symbol's usual one. */
  limit: often(5, fc.constant('same'), fc.constantFrom('nano above', 'nano below', 'above', 'below')),
  notional: fc.constantFrom(...NOTIONALS_MICROS),
  pnl: fc.constantFrom(...VICTIM_PNLS),
  fillProbability: fc.constantFrom(...PROBABILITIES),
  mode: often(9, fc.constant('normal' as const), fc.constant('probe' as const)),
  state: often(
    12,
    fc.constant('working' as const),
    fc.constantFrom('reserved' as const, 'cancelling' as const),
  ),
  kind: often(14, fc.constant('entry' as const), fc.constantFrom('exit' as const, 'external' as const)),
  agoMs: fc.constantFrom(60_000, 3_600_000, 3_600_000, 3_600_001),
  pool: fc.constantFrom(null, 'crypto', 'stock'),
  hasPlan: often(9, fc.constant(true), fc.constant(false)),
});

/** An order of another symbol than the thief's that nothing protects by itself. */
const takeable = order.map((one): typeof one => ({
  ...one,
  symbol: one.symbol === 0 ? 1 : one.symbol,
  mode: 'normal',
  state: 'working',
  kind: 'entry',
  limit: 'same',
  otherSide: false,
}));

const config = fc
  .record({
    WORK_STEALING_ENABLED: often(24, fc.constant('1'), fc.constant('0')),
    WORK_STEALING_DRY_RUN: often(9, fc.constant('0'), fc.constant('1')),
    WORK_STEALING_TOLERANCE: often(8, fc.constant('0.003'), fc.constantFrom('0.0066', '0', '0.000000001')),
    WORK_STEALING_PROTECTION: often(4, fc.constant('0.004'), fc.constantFrom('0.0066', '0', '0.004000001')),
    WORK_STEALING_COOLDOWN: often(4, fc.constant('300'), fc.constantFrom('120', '0', '600')),
    WORK_STEALING_MIN_PNL_IMPROVEMENT: often(
      5,
      fc.constant('1.1'),
      fc.constantFrom('1', '1.5', '2', '1.000000001'),
    ),
    WORK_STEALING_FIGHT_THRESHOLD: often(3, fc.constant('3'), fc.constantFrom('2', '5')),
    WORK_STEALING_FIGHT_WINDOW: often(5, fc.constant('1800'), fc.constantFrom('600', '900')),
    WORK_STEALING_FIGHT_COOLDOWN: often(4, fc.constant('1800'), fc.constantFrom('600', '1200')),
    WORK_STEALING_MAX_VICTIMS: often(2, fc.constant('3'), fc.constantFrom('1', '2', '5', '8')),
    WORK_STEALING_QUOTE_MAX_AGE: often(5, fc.constant('15'), fc.constantFrom('1', '3600')),
    WORK_STEALING_VIP_SYMBOLS: often(
      5,
      fc.constant(''),
      fc.constantFrom('AAPL', 'BTCUSD,KO', 'ETH/USD, MSFT'),
    ),
    // 3540 s between the ages of orders: 2 of the older is worth as much as 1 of the younger. With 90 s the
    // older ones are worth a few nanos or nothing.
    WORK_STEALING_PNL_HALF_LIFE: often(
      2,
      fc.constant('0'),
      fc.constantFrom('1800', '3540', '90', '130', '120', '1', '0.001', '5000.001', '31536000'),
    ),
    WORK_STEALING_MIN_RESIDENCY: often(6, fc.constant('0'), fc.constantFrom('60', '60.001', '3600')),
    WORK_STEALING_MAX_ROBBED: often(3, fc.constant('0'), fc.constantFrom('1', '2', '3')),
    WORK_STEALING_ROBBED_WINDOW: fc.constantFrom('3600', '1800', '600', '300', '0'),
    WORK_STEALING_BUDGET: often(4, fc.constant('0'), fc.constantFrom('0.000000001', '0.5', '1', '2')),
    WORK_STEALING_BUDGET_WINDOW: fc.constantFrom('3600', '1800', '600', '300', '0'),
    WORK_STEALING_PARTIAL: fc.constantFrom('0', '1'),
    WORK_STEALING_PARTIAL_MIN: fc.constantFrom('0.25', '0', '0.5', '0.000000001', '1'),
  })
  .map((all): Record<string, string> => all);

/** The room left: it fits to the micro, or lacks what some of the orders would free, to the micro. */
const room = fc.record({
  kind: fc.constantFrom(...Array<'lacks'>(8).fill('lacks'), 'lacks all', 'fits', 'fits'),
  /** Which of the orders (or, of a pool's orders) add up to what lacks. */
  some: fc.array(fc.nat(79), { minLength: 1, maxLength: 4 }),
  beside: fc.constantFrom(-1n, 0n, 0n, 1n),
});

/** Half of the attempts' prices are at the gate, or a nano beside it. */
const thief = fc.record({
  quote: quote(['gate', 'gate', 'gate', 'zero', 'through', 'near', 'near', 'near', 'beyond gate']),
  notional: fc.constantFrom(...NOTIONALS_MICROS),
  pnl: fc.constantFrom(...THIEF_PNLS),
  fillProbability: often(2, fc.constant(null), fc.constantFrom(...PROBABILITIES)),
  mode: often(9, fc.constant('normal'), fc.constant('probe')),
  kind: often(30, fc.constant('entry'), fc.constant('exit')),
  spelling: fc.boolean(),
  /** So many symbols further down the list. */
  symbol: fc.nat(SYMBOLS.length - 1),
  pool: fc.constantFrom(null, 'crypto', 'stock'),
});

/** What can't be taken: one field of an attempt that is otherwise fine. */
const fault = often(
  24,
  fc.constant({}),
  fc.constantFrom<Partial<ScenarioAttempt>>(
    { limit: '0' },
    { limit: '-100' },
    { limit: '$100' },
    { limit: '1,000' },
    { qty: '0' },
    { qty: '-1' },
    { qty: '0.0000000001' }, // rounded down to nothing
    { qty: '9999999999999999', limit: '1000' },
    { side: 'hold' },
    { symbol: 'no symbol' },
    { symbol: '' },
    { pnl: '1,5' },
    { pnl: 'much' },
    { fillProbability: '1.000000001' },
    { fillProbability: '-0.1' },
    { fillProbability: 'likely' },
    { mode: 'test' },
    { kind: 'external' },
    { pool: 'nowhere' },
  ),
);

const anything = fc.record({
  policy: fc.constantFrom('pnl' as const, 'pnl' as const, 'expected' as const, 'distance' as const),
  config,
  pools: fc.boolean(),
  thief,
  quotes: fc.array(
    quote([
      'far',
      'far',
      'far',
      'far',
      'very far',
      'very far',
      'protection',
      'protection',
      'gate',
      'through',
    ]),
    {
      minLength: SYMBOLS.length,
      maxLength: SYMBOLS.length,
    },
  ),
  orders: fc.oneof(
    { weight: 15, arbitrary: fc.array(order, { minLength: 2, maxLength: 9 }) },
    { weight: 5, arbitrary: fc.array(order, { maxLength: 2 }) },
    { weight: 1, arbitrary: fc.array(order, { minLength: 60, maxLength: 80 }) },
  ),
  history: histories,
  totalRoom: room,
  poolRoom: room,
  position: often(5, fc.constant(null), fc.constantFrom('1', '-0.5', '0.000000001')),
  asLeverage: fc.boolean(),
  fault,
  halted: often(90, fc.constant(false), fc.constant(true)),
  synced: often(90, fc.constant(true), fc.constant(false)),
  mutexHeld: often(12, fc.constant(true), fc.constant(false)),
});

export type Choices = typeof anything extends fc.Arbitrary<infer T> ? T : never;

/**
 * An attempt that comes as far as choosing its victims, among orders most of which can be, unless there is
 * room.
 */
const robbing = fc.tuple(anything, fc.array(often(6, takeable, order), { minLength: 2, maxLength: 8 })).map(
  ([one, orders]): Choices => ({
    ...one,
    config: { ...one.config, WORK_STEALING_ENABLED: '1' },
    thief: {
      ...one.thief,
      quote: { ...one.thief.quote, missing: null, ageMs: 0, place: { share: 'zero', further: 0n } },
    },
    quotes: one.quotes.map((quote) => ({
      ...quote,
      place: quote.place.share === 'through' ? { share: 'far', further: 0n } : quote.place,
    })),
    orders,
    fault: {},
    halted: false,
    synced: true,
  }),
);

/** Such an attempt among about as many candidates as one decision looks at, all of them beaten. */
const crowded = fc.tuple(robbing, fc.array(takeable, { minLength: 62, maxLength: 68 }), fc.boolean()).map(
  ([one, orders, all]): Choices => ({
    ...one,
    config: { ...one.config, WORK_STEALING_VIP_SYMBOLS: '' },
    thief: { ...one.thief, pnl: '1000', fillProbability: null },
    quotes: one.quotes.map((quote) => ({
      ...quote,
      missing: null,
      ageMs: 0,
      place: { share: 'far', further: 0n },
    })),
    history: [],
    orders,
    pools: false,
    totalRoom: { ...one.totalRoom, kind: all ? 'lacks all' : 'lacks' },
  }),
);

export const choices: fc.Arbitrary<Choices> = fc.oneof(
  { weight: 12, arbitrary: anything },
  { weight: 16, arbitrary: robbing },
  { weight: 1, arbitrary: crowded },
);

/** `usual`, `weight` times as often as `rare`. */
function often<T, U>(weight: number, usual: fc.Arbitrary<T>, rare: fc.Arbitrary<U>): fc.Arbitrary<T | U> {
  return fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });
}
