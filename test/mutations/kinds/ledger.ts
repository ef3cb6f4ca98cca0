/** A ledger that was lost, damaged, or is of another account (decisions 4, 13, 18, 19). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const LEDGER = 'test/contract/ledger';
const PLAN_SYMBOLS = `${LEDGER}/plan-symbols.test.ts`;
const RECALL = `${LEDGER}/recall.test.ts`;

export const LEDGER_LINES: readonly Mutation[] = [
  ...mutationsOf('lua/bind.lua', 'test/contract/keeper-identity.test.ts', [
    [
      'keys of another account rebuild the ledger',
      "close_account('account',\n  'the keys are of account ' .. args.number .. ', the ledger is kept for account ' .. bound)\nreturn reply('other', 'bound', bound)",
      "return reply('exists')",
      'close the ledger with both numbers',
    ],
  ]),
  ...mutationsOf('lua/include/guard.lua', `${LEDGER}/connection.test.ts`, [
    [
      'a script that failed half way leaves the book open',
      "redis.call('HSET', KEYS[1], 'damaged', '1', 'synced_at_ms', '0', 'closed_by', causes)",
      '',
      'is damaged where a script fails',
    ],
  ]),
  ...mutationsOf('lua/include/book.lua', `${LEDGER}/connection.test.ts`, [
    [
      'a damaged book is opened',
      " or account['damaged'] == '1' then return false end",
      ' then return false end',
      'is damaged where a script fails',
    ],
  ]),
  ...mutationsOf('lua/include/server.lua', `${LEDGER}/server-id.test.ts`, [
    [
      'a server that was replaced without a word admits',
      "account['server_id'] == server_id and same_server()",
      "account['server_id'] == server_id",
      'admits, steals and submits nothing',
    ],
  ]),
  ...mutationsOf('lua/include/book.lua', `${LEDGER}/admit.test.ts`, [
    [
      'an account that was not reconciled lately admits',
      "age_ms <= number('sync_max_age_ms')",
      'true',
      'admits until the last reconciliation is too old',
    ],
  ]),
  ...mutationsOf('lua/include/server.lua', `${LEDGER}/admit.test.ts`, [
    [
      'an account that was reconciled on another server admits',
      " and account['server_id'] == server_id and",
      ' and',
      'when it was reconciled on another server',
    ],
  ]),
  ...mutationsOf('lua/include/faults.lua', `${LEDGER}/lost-orders.test.ts`, [
    [
      'an order without a record leaves the account open',
      "close_account('fault', 'order ' .. id .. ' is listed and has no record')",
      '',
    ],
  ]),
  ...mutationsOf('lua/include/steals.lua', `${LEDGER}/odd-fields.test.ts`, [
    [
      'a steal without a record is passed over',
      "close_account('fault', 'steal ' .. id .. ' has no record')",
      '',
      'closes the account where its thief waits',
    ],
  ]),
  ...mutationsOf('lua/configure.lua', `${LEDGER}/account.test.ts`, [
    [
      'a new pool does not count what is open',
      'if holds and is_new then',
      'if false then',
      'closes an account that holds something when a pool is new',
    ],
  ]),
  ...mutationsOf('lua/include/attempt.lua', RECALL, [
    [
      'a plan begins again what a lost ledger forgot',
      "if highest and tonumber(highest) >= attempt then return reply('superseded', 'by', series .. highest) end",
      '',
      'admits no order below the latest',
    ],
    [
      'the latest order of a series is begun a second time',
      'tonumber(highest) >= attempt',
      'tonumber(highest) > attempt',
      'does not begin the latest itself',
    ],
  ]),
  ...mutationsOf('lua/include/attempt.lua', RECALL, [
    [
      'a plan steals for what a lost ledger forgot',
      ' or superseded(wish)',
      '',
      'steals nothing for an order below the latest',
    ],
  ]),
  ...mutationsOf('lua/include/attempt.lua', 'test/contract/watcher-recall.test.ts', [
    [
      'an exit that a lost ledger forgot is begun again',
      "if number('recalled') == 0 then return nil end",
      "if number('recalled') == 0 or wish.kind == 'exit' then return nil end",
      'does not count its only exit a second time',
    ],
  ]),
  ...mutationsOf('lua/recall.lua', RECALL, [
    [
      'a lost ledger is told, and remembers the first attempt only',
      'highest[series] = math.max(highest[series] or 0, attempt)',
      'highest[series] = highest[series] or attempt',
      'admits no order below the latest',
    ],
    [
      'what was told before is told for ever',
      "if args.first then redis.call('DEL', key) end",
      '',
      'forgets the previous list when it gets a new one',
    ],
  ]),
  ...mutationsOf('lua/include/plans.lua', PLAN_SYMBOLS, [
    [
      'a plan that is filed is not in the index by symbol',
      'index_plan(id, ARGV[2])',
      '',
      'holds each of them once',
    ],
    [
      'a plan that has ended stays in the index by symbol',
      'if symbol then unindex_plan(id, symbol) end',
      '',
      'holds each of them once',
    ],
    [
      'nobody counts which plans went into the index',
      "redis.call('HINCRBY', PREFIX .. 'plan_totals', 'indexed', '1')",
      '',
      'read the plans of that symbol alone',
    ],
  ]),
  ...mutationsOf('lua/redis-cli/plans.lua', PLAN_SYMBOLS, [
    [
      'an index without the plans of an older version is taken for whole',
      "return (totals[1] or '0') == (totals[2] or '0')",
      'return true',
      'while a host of an older version files one for each that it ends',
    ],
    [
      'an index that lacks plans is taken for whole',
      'return listed == unfinished',
      'return true',
      'where the index was deleted by hand',
    ],
    [
      'plans of a symbol are looked for among all',
      "if index == 'plans' and symbol and is_plan_index_whole() then",
      'if false then',
      'read the plans of that symbol alone',
    ],
    [
      'a plan that has ended is shown, as the index still has it',
      "(index ~= 'plans' or PLAN_STAGES[stage]) and ",
      '',
      'but not one that has ended',
    ],
  ]),
  ...mutationsOf('lua/sync.lua', PLAN_SYMBOLS, [
    [
      'an index of plans with a wrong entry stays so',
      'audit_plan_symbols(function() is_index_right = false end)',
      '',
      'it has another plan in the place of one',
    ],
    [
      'the index of plans is never recomputed',
      'if rebuilt or not is_index_right then reindex_plans() end',
      '',
      'where an older version wrote the whole book',
    ],
  ]),
  ...mutationsOf('lua/plan-note.lua', `${LEDGER}/plans.test.ts`, [
    [
      'whoever notes a plan again begins its holding time anew',
      'and not plan[5] then\n  local since_ms',
      'then\n  local since_ms',
      'keeps the time since when its position is held',
    ],
    [
      'a part of an entry does not begin the holding time',
      "local part_held = args.stage == 'entering' and args.held_since_ms > 0",
      'local part_held = false',
      'keeps since when a part of its entry is held',
    ],
  ]),
];
