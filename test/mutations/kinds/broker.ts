/** The broker's words: ends, quotes, refusals, units, assets (decisions 17, 25). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const ENDING = 'test/unit/ending.test.ts';
const WIRE = 'test/unit/alpaca-wire.test.ts';
const CONFORMANCE = 'test/broker/alpaca.test.ts';

export const BROKER_LINES: readonly Mutation[] = [
  ...mutationsOf('src/broker/ending.ts', ENDING, [
    [
      'an order that is called cancelled and was filled is cancelled',
      'if (filled > 0n && filled === most) return',
      "if (order.state === 'filled' && filled === most) return",
      'An order that is over',
    ],
    [
      'what was filled without a price costs nothing',
      'const toldMicros = filledMicros(told === 0n ? { ...order, filledQty } : order, known.limit);',
      'const toldMicros = order.filledAvgPrice === null ? 0 : filledMicros(told === 0n ? { ...order, filledQty } : order, known.limit);',
      'An order that is over',
    ],
    [
      'a price of 0 is a price',
      'told !== null && toNanos(told) > 0n ? told',
      'told !== null ? told',
      'An order that is over',
    ],
    [
      'what was filled is forgotten when less is told later',
      'told > before ? told : before',
      'told',
      'keeps what was filled',
    ],
  ]),
  ...mutationsOf('src/broker/quote-price.ts', 'test/unit/quote-price.test.ts', [
    ['a quote whose sides are far apart has a price', 'if (spread > maxSpread)', 'if (false)', 'far apart'],
    ['crossed quotes are averaged', 'if (bid > ask) return', 'if (false) return', 'crossed by a little'],
  ]),
  ...mutationsOf('src/broker/alpaca/refusals.ts', 'test/unit/alpaca-refusals.test.ts', [
    [
      'a user who suspended trading is the order’s own fault',
      "  { kind: 'account', message: /new orders are rejected by user request/i },\n",
      '',
      'is about account',
    ],
    [
      'day-trading protection is the order’s own fault',
      "  { kind: 'account', code: 40310100 },\n",
      '',
      'is about account',
    ],
  ]),
  ...mutationsOf('src/broker/alpaca/units.ts', WIRE, [
    [
      'an option contract counts as one share',
      'const OPTION_MULTIPLIER = 100n',
      'const OPTION_MULTIPLIER = 1n',
      'by hand',
    ],
    [
      'a pair counts as if it were quoted in dollars',
      "const currency = assetClass === 'us_equity' ? undefined : currencyOf(symbol);",
      'const currency = undefined as string | undefined;',
      'by hand',
    ],
  ]),
  ...mutationsOf('src/broker/alpaca/order-wire.ts', WIRE, [
    [
      'the legs of a bracket that waits open positions',
      "if (order_class === 'oco' || (status === 'held' &&",
      "if (order_class === 'oco' || (status === 'none' &&",
      'by hand',
    ],
    ['the legs of an OCO open positions', "if (order_class === 'oco' ||", 'if (', 'by hand'],
    ['position_intent is not read', 'if (told !== undefined) return', 'if (false) return', 'by hand'],
  ]),
  ...mutationsOf('src/broker/alpaca/order-wire.ts', CONFORMANCE, [
    [
      'a cancellation that the broker has not carried out is not told',
      'return { cancelRequested: true };',
      'return {};',
      'has accepted and not carried out yet',
    ],
    [
      'an order that another one replaced ends as cancelled by somebody',
      'return { replaced: true };',
      'return {};',
      'an order that a person changes',
    ],
  ]),
  ...mutationsOf('src/broker/alpaca/submissions.ts', CONFORMANCE, [
    [
      'an id that exists stands for whatever order is sent',
      "if (same) return { kind: 'confirmed', order };",
      "return { kind: 'confirmed', order };",
      'with other terms under an id that exists',
    ],
    [
      'a submission without an answer is refused',
      "case 'lost':\n      return { kind: 'unknown', message: answer.message };",
      "case 'lost':\n      return { kind: 'refused', why: 'order', message: answer.message };",
      'is lost is unknown',
    ],
  ]),
  ...mutationsOf('src/domain/traded.ts', 'test/unit/traded.test.ts', [
    [
      'plans trade options',
      "if (isOptionSymbol(upper)) return 'is an option, whose contract is 100 shares';",
      '',
    ],
    [
      'plans trade pairs that are quoted in other coins',
      'if (currency !== undefined) return',
      'if (false) return',
    ],
    ['plans trade futures', "if (FUTURE.test(symbol)) return 'looks like a future';", ''],
  ]),
  ...mutationsOf('src/rules/takeable.ts', 'test/unit/rules/takeable.test.ts', [
    [
      'a thief of a halted symbol robs others',
      "if (asset.shut !== '') return",
      'if (false) return',
      'the broker would',
    ],
    [
      'a thief that may not sell short robs others',
      "if (side === 'sell' && !asset.shortable) return",
      'if (false) return',
      'the broker would',
    ],
    [
      'a thief whose price lies between two steps robs others',
      'if (step !== undefined && toNanos(limit) % step !== 0n)',
      'if (false)',
      'the broker would',
    ],
    [
      'a thief that is too small for the broker robs others',
      "side === 'buy' &&\n    asset.minCost !== null",
      'false &&\n    asset.minCost !== null',
      'the broker would',
    ],
  ]),
  ...mutationsOf('src/redis/advice.ts', 'test/contract/redis/open.test.ts', [
    [
      'a Redis that evicts keys is taken',
      "throw new WorkstealError('settings', message, { where, policy });",
      'void message;',
      'is refused where the server may evict keys',
    ],
  ]),
  ...mutationsOf('src/fleet/starter.ts', 'test/unit/starter.test.ts', [
    [
      'a role outlives the npx that started it',
      'return () => isGone() || read(parent)?.ppid !== shown.ppid;',
      'return isGone;',
      'with npx',
    ],
  ]),
];
