/** What is believed of the broker's figures and of Redis' clock, and when (decision 20). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const LEDGER = 'test/contract/ledger';
const TRUST = `${LEDGER}/trust.test.ts`;

export const TRUST_LINES: readonly Mutation[] = [
  ...mutationsOf('lua/sync.lua', TRUST, [
    [
      'a lower position is believed at the second sighting, however soon',
      ' and tonumber(seen_ms) + args.apart_ms <= args.started_ms',
      '',
      'is lowered when it was told twice',
    ],
    [
      'a position is lowered below our own fills within its lag',
      'touched + (is_more and 0 or args.apart_ms) < args.started_ms and seen_twice',
      'touched < args.started_ms and seen_twice',
      'is not lowered within the lag of that fill',
    ],
    [
      'a larger position waits to be told twice',
      '(not rebuilt and touched < args.started_ms and raises(theirs, ours))',
      'false',
      'counts at first sight where it is larger',
    ],
    [
      'a fill that is told before we heard of it counts twice',
      '> could.units or',
      '> 0 or',
      'does not count twice',
    ],
    [
      'what was bought by hand at a higher price than ours is not noticed',
      ' or theirs.cost_micros - ours_micros > could.micros',
      '',
      'cost more than what our live orders',
    ],
    [
      'a larger position waits until our order fills no more',
      '(is_more and 0 or args.apart_ms)',
      'args.apart_ms',
      'goes on filling',
    ],
    [
      'our own fills are news about what was bought by hand',
      "return 'more ' .. theirs.side .. ' ' .. more, true",
      'return said, true',
      'goes on filling',
    ],
  ]),
  ...mutationsOf('lua/sync.lua', `${LEDGER}/account.test.ts`, [
    [
      'the same reconciliation, sent again, is a second sighting',
      'tonumber(seen_ms) < args.started_ms\n      and ',
      '',
      'does not take its own repetition for a second sighting',
    ],
    [
      'what changed here since the broker was asked is overwritten',
      '(touched + (is_more and 0 or args.apart_ms) < args.started_ms and seen_twice)',
      'seen_twice',
      'leaves alone what changed here',
    ],
    [
      'an older reconciliation is taken after a newer one',
      "if not rebuilt and tonumber(more[1] or 0) > args.started_ms then return reply('exists') end",
      '',
      'does not take an older reconciliation',
    ],
    [
      'a book that was wiped is opened by what was learned of the one before',
      "if args.created ~= '' and args.created ~= more[4] then return reply('exists') end",
      '',
      'does not open a wiped and recreated book with facts about the previous one',
    ],
  ]),
  ...mutationsOf('lua/include/equity.lua', TRUST, [
    [
      'a higher equity counts at first sight',
      'if args.started_ms - raise_ms < args.raise_ms then return equity end',
      '',
      'raises the caps after two reports',
    ],
    [
      'a higher equity counts by the last word, not by the least',
      'math.min(raise, told)',
      'told',
      'raises the caps after two reports',
    ],
    [
      'what was told higher once is remembered for ever',
      'if not in_force or told <= in_force then return equity end',
      'if not in_force then return equity end\n  if told <= in_force then equity.raise, equity.raise_ms = had(2), had(3) return equity end',
      'that is wrong once raises nothing',
    ],
    [
      'a jump of the equity waits for nobody',
      'if equity.stood > 0 and equity.raise > limit then',
      'if false then',
      'waits for a person',
    ],
    [
      'what a person accepted is forgotten',
      'if equity.accepted > 0 then limit',
      'if false then limit',
      'waits for a person',
    ],
    [
      'a jump is measured from the last low answer',
      'stood = math.max(had(6), in_force or told)',
      'stood = in_force or told',
      'comes back without a person',
    ],
    [
      'what stood falls at first sight',
      'if args.started_ms - equity.fallen_ms < args.raise_ms then return end',
      '',
      'comes back without a person',
    ],
    [
      'what stood never falls',
      'equity.stood, equity.fallen, equity.fallen_ms = equity.fallen, told, args.started_ms',
      '',
      'was told for a sync interval',
    ],
    [
      'an acceptance outlives its hour',
      'if args.started_ms > accepted_ms + ACCEPTANCE_LASTS_MS then return 0 end',
      '',
      'an hour has passed',
    ],
    [
      'an acceptance outlives a lower equity',
      'if args.started_ms > accepted_ms and accepted > jump_limit(args.equity_micros, args.jump) then return 0 end',
      '',
      'clearly less is told',
    ],
    [
      'a higher equity is in force while it waits',
      'equity.in_force = in_force\n',
      '',
      'raises the caps after two reports',
    ],
    [
      'a lower equity waits to be told twice',
      'told <= in_force then return equity end',
      'told == in_force then return equity end',
      'counts at once where it is lower',
    ],
  ]),
  ...mutationsOf('lua/include/book.lua', TRUST, [
    [
      "a step back of Redis' clock is not seen",
      'return health_ms < high - STEP_BACK_MS',
      'return false',
      'closes the book until it was rebuilt',
    ],
    [
      'after a step back plans stay leased for as long as the clock went back',
      "redis.call('ZADD', PREFIX .. 'plans', int(math.max(0, tonumber(leases[i + 1]) - back_ms)), leases[i])",
      '',
      'closes the book until it was rebuilt',
    ],
  ]),
  ...mutationsOf('lua/include/closures.lua', TRUST, [
    [
      'after a step back the book is not to be rebuilt',
      "  set('damaged', '1')\n",
      '',
      'closes the book until it was rebuilt',
    ],
  ]),
  ...mutationsOf('lua/include/quotes.lua', TRUST, [
    [
      'a quote of a time to come is fresh',
      ' and at_ms - health_ms <= STEP_BACK_MS',
      '',
      'leaves no quote of a time to come fresh',
    ],
  ]),
  ...mutationsOf('lua/include/positions.lua', `${LEDGER}/positions.test.ts`, [
    [
      'a fill that the broker told already is taken off a second time',
      'if left_cost <= held.cost and may_be_told(order) then',
      'if false then',
      'does not reduce a position that was rebuilt since it was sent',
    ],
  ]),
];
