/** Whose turn it is, and what steals come to (decisions 42, 43, 44). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const WAITING = 'test/contract/ledger/waiting.test.ts';
const REGRET = 'test/contract/ledger/regret.test.ts';
const GROWTH = 'test/contract/growth.test.ts';

export const TURNS_AND_REGRET: readonly Mutation[] = [
  ...mutationsOf('lua/snapshot.lua', WAITING, [
    [
      'what a copy of the book frees is nobody’s turn',
      'reply() ',
      'save_account() ',
      'a copy of the book is read',
    ],
  ]),
  ...mutationsOf('lua/include/turns.lua', WAITING, [
    [
      'nine plans have their turn at once',
      'TURN_MS = 8, 64, 128, 32, 150',
      'TURN_MS = 9, 64, 128, 32, 150',
      'no more than 8 are named',
    ],
    [
      'the same room is named to all whom it fits',
      'free.total = free.total - wait.need_micros',
      '',
      'names the best that fit together',
    ],
  ]),
  ...mutationsOf('lua/include/queueing.lua', WAITING, [
    [
      'a thief that waits stands by its PnL under policy expected',
      "thief_nanos = base_of(wish.pnl, wish.fill_probability, read_settings('policy'))",
      'thief_nanos = wish.pnl',
      'is named by what it counts',
    ],
  ]),
  ...mutationsOf('lua/include/trades.lua', REGRET, [
    [
      'a limit trades for an order whose plan has ended',
      'return not of[1] and (expires_at_ms',
      'return (expires_at_ms',
      'is none of an order whose plan has ended',
    ],
  ]),
  ...mutationsOf('lua/include/judging.lua', REGRET, [
    [
      'a trade after the watch counts',
      'or values[2] or now_ms > until_ms then',
      'or values[2] then',
      'counts a trade exactly at the end',
    ],
    [
      'what its plan bought since is missed all the same',
      "less(less({ whole, rest }, order[2] or '0'), back or '0')",
      "less({ whole, rest }, order[2] or '0')",
      'leaves out what the plan bought when it came back',
    ],
  ]),
  ...mutationsOf('lua/include/judged-today.lua', REGRET, [
    ['the sums of a day go on the next day', 'if day ~= today or', 'if not day or', 'is added up by the day'],
  ]),
  ...mutationsOf('lua/include/watched-ends.lua', GROWTH, [
    [
      'of lost records the first one alone is forgotten',
      'local lost, is_lost = recount_regrets(), {}',
      'local lost, is_lost = {}, {}\n  recount_regrets()',
      'are all found with the first of them',
    ],
  ]),
  ...mutationsOf('src/keeper/audit-load.ts', 'test/contract/keeper-audit.test.ts', [
    [
      'plans that wait cost the audit nothing',
      'plans * COSTS.plan',
      '0',
      'audits no book that would take long',
    ],
  ]),
];
