/** Exits are judged, and an account is on one side of a symbol at a time (decisions 16, 29). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const LEDGER = 'test/contract/ledger';
const EXITS = `${LEDGER}/exits.test.ts`;
const SIDES = `${LEDGER}/sides.test.ts`;

export const EXIT_LINES: readonly Mutation[] = [
  ...mutationsOf('lua/include/attempt.lua', EXITS, [
    ['an exit is admitted by the word of its caller', ' or refuse_unheld(wish)', '', 'of nothing is refused'],
  ]),
  ...mutationsOf('lua/include/attempt.lua', 'test/contract/ledger/pools.test.ts', [
    [
      'a pool that the account lacks keeps an exit',
      "    wish.pool = ''\n    return nil\n",
      '',
      'keeps no exit: it needs no room',
    ],
  ]),
  ...mutationsOf('lua/submit.lua', EXITS, [
    [
      'an exit is not judged once more before it is sent',
      'if unheld then return reply(unheld, unpack(numbers)) end',
      '',
      'is judged once more before it is sent',
    ],
  ]),
  ...mutationsOf('lua/include/holdings.lua', EXITS, [
    [
      'other live exits of the symbol are not counted',
      'if not is_counted then taken_whole, taken_nanos = quantity_plus(taken_whole, taken_nanos, whole, nanos) end',
      'taken_whole, taken_nanos = whole, nanos',
      'shares the position with the other live exits',
    ],
    [
      'an exit of the side of its position is one',
      "held_side == wanted and qty or '0'",
      "qty or '0'",
      's own side is refused',
    ],
    [
      'what nobody confirmed lately is sold',
      "return 'unconfirmed', { 'confirmed_ms', int(confirmed_ms) }",
      'return nil',
      'is not sold before the broker was asked',
    ],
    [
      'what other orders hold at the broker is sold',
      'return lacks_in(told.side, told.free, whole, nanos)',
      'return nil',
      'that no other order holds it',
    ],
    [
      'an answer that is older than a fill counts',
      ' or tonumber(started_ms) < touched_ms',
      '',
      'is not sold by an answer that is older than a fill',
    ],
    [
      'an answer that was kept on another server counts',
      'on ~= server_id or ',
      '',
      'is not sold by an answer that was kept on another server',
    ],
    [
      'a fill that was not taken off is not asked about',
      'unsure_ms < confirmed_ms and ',
      '',
      'is verified if a fill did not reduce it',
    ],
    [
      'a reconciliation that saw it differently confirms it',
      "if redis.call('HEXISTS', PREFIX .. 'doubts', symbol) == 0 then",
      'if true then',
      'is not confirmed by a reconciliation that saw it differently',
    ],
    [
      'an older copy of the book counts as what is held',
      'if ours and not (told',
      'if not (told',
      'goes by the broker alone',
    ],
  ]),
  ...mutationsOf('lua/include/attempt.lua', EXITS, [
    [
      'a halted or closed account keeps its exits',
      "if wish.kind == 'exit' and account['what_if'] ~= '1' then return nil end\n  local why",
      'local why',
      'lets a held position be closed',
    ],
    [
      'an exit is not among the live ones',
      "if wish.kind == 'exit' then add_exit(wish, wish.whole, wish.nanos) end",
      '',
      'shares the position with the other live exits',
    ],
  ]),
  ...mutationsOf('lua/include/orders.lua', EXITS, [
    [
      'an exit that ended stays among the live ones',
      "if order.kind == 'exit' then drop_exit(order, unfilled_of(order)) end",
      '',
      'gives back what it would have closed',
    ],
    [
      'what an exit has filled stays among what it will close',
      'drop_exit(order, more_whole, more_nanos)',
      '',
      'that is filled in part',
    ],
  ]),
  ...mutationsOf('lua/adopt.lua', EXITS, [
    [
      'an exit placed by hand is not among the live ones',
      '  add_exit(args, quantity_minus(whole, nanos, filled_whole, filled_nanos))\n',
      '',
      'placed by hand',
    ],
    [
      'a leg that holds nothing at the broker keeps others from closing',
      'if args.reducing and not args.leg then',
      'if args.reducing then',
      'holds no units for a leg',
    ],
  ]),
  ...mutationsOf('lua/include/exits.lua', EXITS, [
    [
      'a rebuilt book counts such legs',
      'leg = order[6] }',
      "leg = '' }",
      'is kept by no leg when the book was rebuilt',
    ],
  ]),
  ...mutationsOf('lua/sync.lua', EXITS, [
    [
      'a rebuilt book does not count its exits anew',
      'recount_exits()',
      '',
      'and recomputed when the book is rebuilt',
    ],
  ]),
  ...mutationsOf('lua/include/attempt.lua', SIDES, [
    [
      'an entry against the other side of its symbol is admitted',
      ' or refuse_opposite(wish)',
      '',
      'while an order of the other side is reserved',
    ],
  ]),
  ...mutationsOf('lua/include/attempt.lua', SIDES, [
    [
      'an entry against the other side of its symbol robs others',
      ' or refuse_opposite(wish)',
      '',
      'before any order is cancelled for it',
    ],
  ]),
  ...mutationsOf('lua/submit.lua', SIDES, [
    [
      'an entry is sent against an exit that came before it',
      "if opposite then return reply('opposite', unpack(opposite)) end",
      '',
      'is not sent once an exit',
    ],
  ]),
  ...mutationsOf('lua/include/sides.lua', SIDES, [
    [
      'a position of the other side keeps no entry',
      "local is_held = held[1] and held[1] ~= (side == 'buy' and 'long' or 'short')",
      'local is_held = false',
      'while the position is on the other side',
    ],
    [
      'a symbol whose name begins as another one is taken for it',
      "local to = string.sub(from, 1, -2) .. '!'",
      "local to = symbol .. '~'",
      'whatever its name begins with',
    ],
  ]),
  ...mutationsOf('lua/include/attempt.lua', SIDES, [
    [
      'a reserved order is not in the index of sides',
      'add_side(wish)',
      '',
      'while an order of the other side is reserved',
    ],
    [
      'an exit is kept by the other side of its symbol',
      "if wish.kind == 'exit' or account['what_if'] == '1' then return nil end\n  local numbers",
      "if account['what_if'] == '1' then return nil end\n  local numbers",
      'an exit: closing what is held comes first',
    ],
  ]),
  ...mutationsOf('lua/include/orders.lua', SIDES, [
    ['an order that ended stays in the index of sides', 'drop_side(order)', '', 'holds each live order once'],
  ]),
  ...mutationsOf('lua/adopt.lua', SIDES, [
    [
      'an order placed by hand is not in the index of sides',
      'add_side(args)',
      '',
      'and an order placed by hand',
    ],
  ]),
  ...mutationsOf('lua/amend.lua', SIDES, [
    [
      'an order that was moved to another symbol is not in its index of sides',
      'add_side(amended)',
      '',
      'after an order of the other side was moved',
    ],
    [
      'an order that was moved away stays in the index of sides',
      'drop_side(order)',
      '',
      'after an order of the other side was moved',
    ],
  ]),
  ...mutationsOf('lua/sync.lua', SIDES, [
    [
      'an index of sides that is not that of the live orders stays so',
      '  recount_sides()\n',
      '',
      'is rebuilt by the next reconciliation',
    ],
  ]),
];
