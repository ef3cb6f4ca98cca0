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
      'if unheld then return unsent(unheld, unpack(numbers)) end',
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
      '    add_exit(wish, wish.whole, wish.nanos)\n',
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
      "if opposite then return unsent('opposite', unpack(opposite)) end",
      '',
      'is not sent once an exit',
    ],
  ]),
  ...mutationsOf('lua/include/opposite.lua', SIDES, [
    [
      'a position of the other side keeps no entry',
      "local is_against = held[1] and held[1] ~= (side == 'buy' and 'long' or 'short')",
      'local is_against = false',
      'while the position is on the other side',
    ],
    [
      'an entry may meet an exit exactly',
      "side == 'buy' and exit_limit <= limit",
      "side == 'buy' and exit_limit < limit",
      'against an exit that it could trade with',
    ],
    [
      'a short sale below an exit is admitted',
      "side == 'sell' and exit_limit >= limit",
      'false',
      'a short sale above an exit',
    ],
    [
      'an exit at the market counts with its limit',
      "if other[2] ~= 'limit' and other[2] ~= 'stop_limit' then return false end",
      '',
      'against an exit of the type market',
    ],
    [
      'a trailing stop keeps entries out',
      "if other[2] == 'trailing_stop' then return true end",
      '',
      'an entry below an exit of the position',
    ],
    [
      'of an exit that is being replaced only the old version counts',
      'for at = 3, 4 do',
      'for at = 3, 3 do',
      'while an exit is being replaced',
    ],
    [
      'an entry rests beside exits that close more than is held',
      'if quantity_compare(whole, nanos, exits_whole, exits_nanos) >= 0 then',
      'if true then',
      'against exits that close more than the position',
    ],
    [
      'an entry rests beside exits that were not looked at',
      'at <= BESIDE_LIMIT and orders[at]',
      'orders[at]',
      'beside more exits than are looked at',
    ],
  ]),
  ...mutationsOf('lua/include/sides.lua', SIDES, [
    [
      'a symbol whose name begins as another one is taken for it',
      "local from = symbol .. ' ' .. side .. ' ' .. start\n  local found",
      'local from = symbol\n  local found',
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
      "if wish.kind == 'exit' then return nil end\n  local numbers",
      'local numbers',
      'an exit: closing what is held comes first',
    ],
  ]),
  ...mutationsOf('lua/include/orders.lua', SIDES, [
    ['an order that ended stays in the index of sides', 'drop_side(order)', '', 'holds each live order once'],
  ]),
  ...mutationsOf('lua/adopt.lua', SIDES, [
    ['an order placed by hand is not in the index of sides', 'add_side(args)', '', 'also one placed by hand'],
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
