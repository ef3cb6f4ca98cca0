/**
 * What moves or judges room in an order’s own pool (I1, I2, I5): lines that
 * test/contract/ledger/pool-room.test.ts does not break itself, on every run.
 */
import { type Mutation, mutationsOf } from '../mutation.ts';

const LEDGER = 'test/contract/ledger';
const POOL_ROOM = `${LEDGER}/pool-room.test.ts`;

export const POOLS: readonly Mutation[] = [
  ...mutationsOf('lua/claim.lua', `${LEDGER}/claim.test.ts`, [
    [
      'a claimed entry holds nothing in the pool of its plan',
      "order.pool == '' and 0 or counts",
      '0',
      'counts in the pool of its plan',
    ],
    [
      'a claimed entry does not move to the pool of its plan',
      'if has_pool(pool) then order.pool = pool end',
      '',
      'counts in the pool of its plan',
    ],
    [
      'a claimed entry is counted beside what it held before',
      'hold(order, 0, 0, 0)',
      'order.held_micros = 0',
      'is an entry of its plan again',
    ],
    [
      'what a claimed entry holds in its pool is not kept with it',
      "'held_pool_micros', order.held_pool_micros,",
      '',
      'where it was found to be in none',
    ],
  ]),
  ...mutationsOf('lua/amend.lua', `${LEDGER}/amend.test.ts`, [
    [
      'what a changed order holds in its pool is not kept with it',
      "'held_pool_micros', amended.held_pool_micros, ",
      '',
      'counts in its own pool too',
    ],
    [
      'a changed order goes on counting as before in total',
      'hold(amended, counts,',
      'hold(amended, order.held_micros,',
      'counts with',
    ],
  ]),
  ...mutationsOf('lua/include/positions.lua', `${LEDGER}/settle.test.ts`, [
    [
      'a position does not count in its pool',
      "if pool ~= '' then add_positions(pool, delta) end",
      '',
      'an order in a pool makes a position in that pool',
    ],
    [
      'a position does not count in total',
      "add_positions('total', delta)",
      '',
      'gives back what an order held',
    ],
  ]),
  ...mutationsOf('lua/include/candidates.lua', `${LEDGER}/steal.test.ts`, [
    [
      'an index that disagrees with its order leaves the book open',
      "damage_account('order ' .. candidate.id .. ' is listed as one that may be taken, and may not be')",
      '',
      'the book is closed at once',
    ],
  ]),
  ...mutationsOf('lua/include/ranking.lua', `${LEDGER}/steal.test.ts`, [
    [
      'an order that its list of the protected lacks stays among those that may be taken',
      '  local was_far =',
      "  if redis.call('EXISTS', PREFIX .. 'edges:' .. order.symbol .. ':' .. order.side) == 0 then return false end\n  local was_far =",
      'promises no order that has ended',
    ],
  ]),
  ...mutationsOf('lua/include/candidates.lua', `${LEDGER}/pools.test.ts`, [
    [
      'what a candidate holds in its pool is not read',
      'candidate.held_pool_micros = tonumber(candidate.held_pool_micros)',
      'candidate.held_pool_micros = 0',
      'takes only from that pool',
    ],
  ]),
  ...mutationsOf('lua/include/faults.lua', `${LEDGER}/lost-orders.test.ts`, [
    [
      'what is left after an order was lost is not added up in its pool',
      'sums[pool] = sums[pool] + (tonumber(order[3]) or 0)',
      'sums[pool] = sums[pool] + 0',
    ],
    [
      'what is left after an order was lost is not added up in total',
      'sums.total = sums.total + (tonumber(order[1]) or 0)',
      '',
    ],
    [
      'what is left after an order was lost is not added up in cash',
      'cash = cash + (tonumber(order[4]) or 0)',
      '',
    ],
  ]),
  ...mutationsOf('lua/audit.lua', POOL_ROOM, [
    [
      'the audit adds nothing up in the pools of orders',
      'plus(orders_by, order.pool, order.held_pool_micros)',
      '',
      'an order takes room in its pool',
    ],
    [
      'the audit adds nothing up in the pools of positions',
      'plus(positions_by, position.pool, position.cost)',
      '',
      'a filled part leaves the order',
    ],
  ]),
  ...mutationsOf('lua/audit.lua', `${LEDGER}/book.test.ts`, [
    [
      'the audit does not look at what an order counts in its pool',
      "if order.pool ~= '' and order.held_pool_micros ~= left then",
      'if false then',
      'finds an order that counts wrong in its pool',
    ],
    [
      'the audit does not look at what an order counts in cash',
      'if order.held_cash_micros ~= (needs_cash(order) and left or 0) then',
      'if false then',
      'finds an order that counts wrong in its pool',
    ],
  ]),
  ...mutationsOf('lua/configure.lua', `${LEDGER}/account.test.ts`, [
    [
      'a pool that is in use can be dropped',
      "number('positions_micros:' .. name) > 0 then",
      "number('positions_micros:' .. name) > 1e18 then",
      'drops a pool that nothing uses',
    ],
    [
      'a pool that was left and comes back did not miss anything',
      " or (kept[name] and string.find(was_left, ';' .. name .. ';', 1, true))",
      '',
      'recounts what is open when a removed pool comes back',
    ],
  ]),
];
