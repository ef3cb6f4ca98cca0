/** What moves or judges cash (decision 26). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const LEDGER = 'test/contract/ledger';
const CASH = `${LEDGER}/cash.test.ts`;

export const CASH_LINES: readonly Mutation[] = [
  ...mutationsOf('lua/include/attempt.lua', CASH, [
    [
      'a buy of crypto is not asked whether there is cash',
      'needs_cash(wish) and math.max(0, wish.need_micros - cash_room()) or 0',
      '0',
      'fits in the cash',
    ],
    ['a buy of crypto takes no cash', "add('orders_micros:cash', held_cash)", '', 'fits in the cash'],
    [
      'what a buy of crypto takes of the cash is not kept with it',
      "'held_cash_micros', int(held_cash)",
      "'held_cash_micros', '0'",
      'gives its cash back',
    ],
  ]),
  ...mutationsOf('lua/submit.lua', CASH, [
    [
      'an order is sent though its cash was taken meanwhile',
      '\n  or (needs_cash(order) and cash_room() < 0)',
      '',
      'is not sent when the cash',
    ],
  ]),
  ...mutationsOf('lua/include/orders.lua', CASH, [
    [
      'an order keeps its cash when it ends',
      "add('orders_micros:cash', cash - order.held_cash_micros)",
      '',
      'gives its cash back',
    ],
    [
      'a fill does not spend cash',
      "if order.side == 'buy' and account['cap_micros:cash'] then add('cap_micros:cash', -more_micros) end",
      '',
      'is spent by fills',
    ],
    [
      'a sale spends cash',
      "if order.side == 'buy' and account['cap_micros:cash'] then",
      "if account['cap_micros:cash'] then",
      'whose proceeds wait for the broker',
    ],
    [
      'a filled part goes on holding cash',
      'math.min(left, order.held_cash_micros)',
      'order.held_cash_micros',
      'is spent by fills',
    ],
    [
      'a thief is granted without the cash that it needs',
      '\n    and (not needs_cash(order) or order.held_cash_micros >= order.need_micros)',
      '',
      'that lacks cash',
    ],
    [
      'a thief gets none of the cash that its victims free',
      'thief.held_cash_micros + cash)',
      'thief.held_cash_micros)',
      'that lacks cash takes it',
    ],
  ]),
  ...mutationsOf('lua/include/selection.lua', CASH, [
    [
      'a thief that lacks cash alone looks at stocks, too',
      'local cash_only = lack.cash > 0 and lack.total == 0 and lack.own == 0',
      'local cash_only = false',
      'that lacks only cash takes no stock',
    ],
    [
      'a victim frees no cash',
      'cash = victim.held_cash_micros }',
      'cash = 0 }',
      'that lacks cash takes it from crypto',
    ],
    [
      'cash is not part of what victims must cover',
      "ipairs({ 'total', 'own', 'cash' })",
      "ipairs({ 'total', 'own' })",
      'that lacks cash',
    ],
    [
      'an order that frees cash is not taken for a thief that lacks it',
      ' or (sum.cash < lack.cash and freed.cash > 0)',
      '',
      'that lacks cash',
    ],
  ]),
  ...mutationsOf('lua/include/candidates.lua', CASH, [
    [
      'a thief that lacks cash alone looks at sales of crypto, too',
      'needs_cash(candidate)',
      "needs_cash({ side = 'buy', symbol = symbol })",
      'takes no sale of crypto',
    ],
  ]),
  ...mutationsOf('lua/include/cash.lua', CASH, [
    [
      'stocks are bought with cash alone',
      "string.find(order.symbol, '^[A-Z0-9][A-Z0-9]+USD[TC]?$') ~= nil",
      'true',
      'needs no cash if none was reported',
    ],
    [
      'a sale of crypto needs cash',
      "order.side == 'buy' and order.kind ~= 'exit'",
      "order.kind ~= 'exit'",
      'needs no cash if none was reported',
    ],
    [
      'an account without a limit of cash has none',
      'return math.huge',
      'return 0',
      'needs no cash if none was reported',
    ],
  ]),
  ...mutationsOf('lua/cash.lua', CASH, [
    [
      'what our orders hold at the broker is not added to the cash it tells',
      'taken_off = taken_off + order.held_cash_micros',
      '',
      'has the orders that work there',
    ],
    [
      'an order that was sent since the broker was asked is added, too',
      '(order.sent_at_ms < args.started_ms or order.kind ==',
      '(true or order.kind ==',
      'has no order taken off that was sent after',
    ],
    [
      'more cash counts at first sight',
      'cap = math.min(cap, seen)',
      'cap = seen',
      'and rises after two reports',
    ],
    [
      'more cash counts by the last word alone',
      "cap = math.min(seen, number('cash_seen_micros'))",
      'cap = seen',
      'and rises after two reports',
    ],
    [
      'an older word about the cash counts',
      "number('cash_told_ms') > args.started_ms",
      'false',
      'limits nothing once switched off',
    ],
  ]),
  ...mutationsOf('lua/adopt.lua', CASH, [
    [
      'an order found at the broker takes no cash',
      "add('orders_micros:cash', cash)",
      '',
      'a crypto buy found at the broker',
    ],
  ]),
  ...mutationsOf('lua/claim.lua', CASH, [
    [
      'a claimed entry takes no cash',
      'needs_cash(order) and counts or 0',
      '0',
      'a crypto buy found at the broker',
    ],
  ]),
  ...mutationsOf('lua/amend.lua', CASH, [
    [
      'a changed order goes on holding the cash it held',
      'needs_cash(amended) and counts or 0',
      'order.held_cash_micros',
      'a crypto buy found at the broker',
    ],
  ]),
];
