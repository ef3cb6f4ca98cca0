/** What people do at the broker (decisions 24, 28). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const LEDGER = 'test/contract/ledger';
const AMEND = `${LEDGER}/amend.test.ts`;
const CLAIM = `${LEDGER}/claim.test.ts`;

export const PEOPLE_LINES: readonly Mutation[] = [
  ...mutationsOf('lua/amend.lua', AMEND, [
    [
      'an order that waits to replace another one counts nothing',
      'amended.next_broker_id, amended.next_limit, amended.next_qty = args.broker_id, ARGV[6], args.qty',
      'amended.next_broker_id = args.broker_id',
      'holds the larger of the two',
    ],
    [
      'a change that is older than the last is followed',
      "if order.broker_id ~= '' and order.broker_id ~= args.was and order.broker_id ~= args.broker_id then",
      'if false then',
      'after a later one changes nothing',
    ],
    [
      'a changed order may be a victim at its old limit',
      "if order.rank ~= '' then untrack(order) end",
      '',
      'is a victim at its new limit only',
    ],
    [
      'a changed order has its old edge and rank',
      'local edge, rank = offer(amended)',
      "local edge, rank = '', ''",
      'is a victim at its new limit only',
    ],
    [
      'a victim that was changed is a victim no more',
      "write_order(args.id, 'broker_id', amended.broker_id, 'symbol'",
      "write_order(args.id, 'state', 'working', 'broker_id', amended.broker_id, 'symbol'",
      'stays the victim that it is',
    ],
    [
      'an order that was an exit goes on counting nothing on another side',
      "    amended.kind = 'external'\n",
      '',
      'that was an exit counts nothing',
    ],
  ]),
  ...mutationsOf('lua/include/orders.lua', AMEND, [
    [
      'while another order waits to take its place, the smaller counts',
      'math.max(own, left(order.next_qty, order.next_limit))',
      'math.min(own, left(order.next_qty, order.next_limit))',
      'the larger of the two',
    ],
  ]),
  ...mutationsOf('lua/include/attempt.lua', AMEND, [
    [
      'a changed order is another wish',
      "if order[7] then return reply('exists', 'state', order[1]) end",
      '',
      'answers to the wish that it was made of',
    ],
  ]),
  ...mutationsOf('lua/claim.lua', CLAIM, [
    [
      'an order that its plan took back is nobody’s victim',
      'local edge, rank = offer(order)',
      "local edge, rank = '', ''",
      'is an entry of its plan again',
    ],
    [
      'a plan takes orders of other series',
      'series ~= args.plan or ',
      '',
      'an order of another plan is not claimed',
    ],
    [
      'a plan that has ended takes orders back',
      'or not plan[1] or plan[6] then',
      'or not plan[1] then',
      'a plan that has ended claims nothing',
    ],
    [
      'an exit that its plan took back counts as an entry',
      "local is_exit = mark == 'x'",
      'local is_exit = false',
      'an exit that was found at the broker',
    ],
  ]),
  ...mutationsOf('lua/include/by-hand.lua', 'test/contract/watcher-by-hand.test.ts', [
    [
      "a person's cancellation is an end like any other",
      'return order.sent_at_ms > rebuilt_ms or',
      'return false and',
      'ends its plan',
    ],
    [
      'a cancellation of ours whose record was lost is taken for a person’s',
      'return order.sent_at_ms > rebuilt_ms or health_ms - rebuilt_ms > RECORD_LOST_MS',
      'return true',
      'says nothing of a person',
    ],
  ]),
];
