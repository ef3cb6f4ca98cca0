/** What the keeper concludes of what it sees (decisions 18 to 21, 24, 25). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const RECONCILE = 'test/unit/reconcile.test.ts';
const CHANGED = 'test/contract/keeper-changed.test.ts';
const IDENTITY = 'test/contract/keeper-identity.test.ts';
const LOSSES = 'test/contract/keeper-losses.test.ts';

export const KEEPER_LINES: readonly Mutation[] = [
  ...mutationsOf('src/keeper/diff.ts', RECONCILE, [
    [
      'an order under the same id whose quantity changed is the same',
      ' || (notionalMicros === undefined && !isSame(qty, ours.qty))',
      '',
      'Between ledger and broker',
    ],
    [
      'an order under the same id whose limit changed is the same',
      '(limit !== null && !isSame(limit, ours.limit)) || ',
      '',
      'Between ledger and broker',
    ],
    [
      'a list from before an order was replaced changes it back',
      'if (ours.amended && ours.brokerId !== order.brokerId) return [];',
      '',
      'Between ledger and broker',
    ],
    [
      'what changed here since the broker was asked is missing',
      ' && ours.updatedMs < startedMs',
      '',
      'Between ledger and broker',
    ],
  ]),
  ...mutationsOf('src/keeper/missing-orders.ts', RECONCILE, [
    [
      'an order that is not found once has ended',
      'if (before?.notFoundAtMs !== undefined) return nowMs - before.notFoundAtMs >= this.#apartMs;',
      'if (nowMs >= 0) return true;',
      'is not there when that was said twice',
    ],
    [
      'not found twice at once is proof',
      'nowMs - before.notFoundAtMs >= this.#apartMs',
      'true',
      'is not there when that was said twice',
    ],
  ]),
  ...mutationsOf('src/keeper/positions.ts', RECONCILE, [
    ['a leg that closes for sure counts', "if (order.effect === 'closes' || fits)", 'if (fits)', 'Positions'],
    ['orders reduce more than is held', ' && unfilled <= position.left', '', 'are reduced by orders'],
  ]),
  ...mutationsOf('src/keeper/seen-twice.ts', CHANGED, [
    [
      'an order that was changed counts less at first sight',
      'return atMs !== nowMs && nowMs - atMs >= this.#apartMs;',
      'return true;',
      'counts less when that was seen twice',
    ],
  ]),
  ...mutationsOf('src/keeper/unaccounted-orders.ts', IDENTITY, [
    [
      'an account whose confirmed orders are not found stays open',
      "if (words !== undefined) await close(ledger, 'account',",
      "if (words !== undefined && words === '') await close(ledger, 'account',",
      'does not end: its room stays taken',
    ],
  ]),
  ...mutationsOf('src/ledger/claims.ts', IDENTITY, [
    [
      'two names keep one account',
      'if (holder !== null) return holder;',
      'if (holder !== null) return this.#ledger.account;',
      'and the error names the first name',
    ],
  ]),
  ...mutationsOf('src/keeper/other-fleets.ts', 'test/contract/keeper-fleets.test.ts', [
    [
      "another fleet's order closes nothing",
      'prefix === undefined ||\n',
      'prefix === undefined ||\n true ||\n',
      'each close their account',
    ],
    [
      'an order of a plan that the ledger knows is another fleet’s',
      'if (Number(made ?? 0) >= number) return true;',
      '',
      'an order of a known plan',
    ],
    [
      'its own orders are another fleet’s after a wipe',
      'return Number(recalled ?? 0) >= number;',
      'return false;',
      'reported again after its ledger was wiped',
    ],
  ]),
  ...mutationsOf('src/keeper/halt-memory.ts', LOSSES, [
    [
      'a halt is forgotten with a wiped ledger',
      'await halt(this.#ledger, reason, by, atMs);',
      ';',
      'outlives a wiped ledger',
    ],
  ]),
  ...mutationsOf('src/keeper/reconcile.ts', LOSSES, [
    [
      'a lost ledger is not told what the broker has had',
      'if (lost) await recall(ledger, [...listed, ...all, ...ended].map(ledgerId));\n    else await',
      'if (!lost) await',
      'learns which orders the broker has had',
    ],
    [
      'a lost ledger is not told of the orders that have ended',
      '[...listed, ...all, ...ended].map(ledgerId)',
      '[...listed, ...all].map(ledgerId)',
      'learns which orders the broker has had',
    ],
    [
      'an account whose orders have all ended is taken as new',
      '(await broker.endedOrders(bounded)).length === 0',
      'true',
      'of an account with a past',
    ],
    [
      'an order that arrives after the account was taken as new does not count',
      'if (isNew && listed.length + ended.length + positions.length > 0)',
      'if (false)',
      'stays closed once an order arrives',
    ],
    [
      'a damaged book is not emptied',
      'await this.#book.mend();\n    let',
      'let',
      'where the account is something else',
    ],
    [
      'an order whose submission the ledger forgot is given back',
      "for (const order of ordersOf('unsent')) await reclaimOrder(this.#parts, order, signal);",
      '',
      'takes over a',
    ],
    [
      'an order that has ended since its submission was forgotten runs out as unsent',
      'await reclaimEnded(this.#parts, book.orders, ended, QUESTIONS, signal);',
      '0;',
      'learns that a',
    ],
  ]),
  ...mutationsOf('lua/sync.lua', LOSSES, [
    [
      'a lost book opens with the first report',
      'if rebuilt and not at_once then',
      'if false then',
      'counts what filled just before',
    ],
  ]),
  ...mutationsOf('lua/sync.lua', 'test/contract/ledger/trust.test.ts', [
    [
      'what the later report of a rebuild has more waits like any other',
      'rebuilt and not is_first and unheard(theirs, ours, args)',
      'false',
      'counts what the second report has more',
    ],
    [
      'a later report of a rebuild that equals what was heard of is taken to be that',
      'if said ~= had or more_than_heard then',
      'if said ~= had then',
      'equals what was heard of',
    ],
    [
      'each report of a rebuild counts anew what was heard of',
      'if more_than_heard then note_first(told[symbol]) end',
      '',
      'only once more',
    ],
    [
      'a keeper that takes the account for a new one opens it early',
      "(args.at_once and (account['settling'] or '') == '')",
      'args.at_once',
      'does not open early',
    ],
    [
      'the later report of a rebuild counts as it is',
      'local is_first = rebuilt and (at_once or not settling_ms)',
      'local is_first = rebuilt',
      'a lost book',
    ],
  ]),
  ...mutationsOf('lua/include/settling.lua', 'test/contract/ledger/trust.test.ts', [
    [
      'what was heard of just before is taken to be in the later report of a rebuild',
      'cost = cost + ours.cost - first_micros',
      'cost = math.max(cost, ours.cost)',
      'counts both what',
    ],
  ]),
  ...mutationsOf('lua/include/positions.lua', 'test/contract/ledger/trust.test.ts', [
    [
      'what was sold during a rebuild hides what filled before it',
      'if not first_micros or not left_side then return end',
      'if true then return end',
      'some was sold in between',
    ],
  ]),
  ...mutationsOf('src/ledger/reconciled.ts', 'test/contract/coordinator.test.ts', [
    [
      'a thief that may have been sent is told that its steal failed',
      'if (await isReconciled(ledger, true)) return;',
      'return;',
      'is unclear, not failed, behind a failover',
    ],
  ]),
  ...mutationsOf('src/coordinator/enter.ts', 'test/contract/coordinator.test.ts', [
    [
      'a thief that may have been sent is given back when it waited too long',
      "await releasePlaced(ledger, wish.id, 'gave_up')",
      "await release(ledger, wish.id, 'gave_up')",
      'is unclear, not failed, behind a failover',
    ],
  ]),
  ...mutationsOf('lua/include/steals.lua', 'test/contract/ledger/settle.test.ts', [
    [
      'an older copy ends a thief that may have been sent',
      "elseif left <= 0 and ((account['server_id'] or '') == '' or same_server()) then",
      'elseif left <= 0 then',
      'stays as it is in an older copy',
    ],
  ]),
  ...mutationsOf('lua/include/sent.lua', LOSSES, [
    [
      'the broker’s word does not count in an older copy',
      "((account['server_id'] or '') ~= '' and not same_server())",
      'false',
      'takes up a reserved order whose submission',
    ],
    [
      'an order that the broker tells of is not put on record as sent',
      "write_order(order.id, 'sent_at_ms', health_ms)",
      '',
      'takes up a reserved order whose submission',
    ],
  ]),
  ...mutationsOf('src/keeper/account-book.ts', LOSSES, [
    [
      'a book that is emptied while a loss is waited out is opened at once',
      '    this.#onEmptied();\n',
      '',
      'is waited out from its own time: its book is damaged',
    ],
  ]),
  ...mutationsOf('lua/mend.lua', 'test/contract/ledger/odd-fields.test.ts', [
    [
      'a lease of a clock that was ahead lasts until that time comes',
      "    redis.call('PEXPIRE', found, LONGEST_LEASE_MS)\n",
      '',
      'does not last longer after its clock was set back',
    ],
  ]),
  ...mutationsOf('src/ledger/events.ts', 'test/contract/ledger/events.test.ts', [
    [
      'events of a stream that begins anew are passed over',
      'if (isEarlier(last, from)) {',
      'if (false) {',
      'goes on in a new stream with older ids',
    ],
  ]),
  ...mutationsOf('lua/audit.lua', 'test/contract/ledger/exits.test.ts', [
    [
      'an exit that is filled and has not ended is a fault',
      "(exits_left[at] or '0') ~= text",
      'exits_left[at] ~= text',
      'that is filled but has not ended is not an audit fault',
    ],
  ]),
  ...mutationsOf('src/keeper/loss-wait.ts', 'test/unit/reconcile-flow.test.ts', [
    [
      'a lost ledger is opened while something may be in flight',
      'if (leftMs > 0) await sleep(leftMs, undefined, { signal });',
      '',
      'a lease is waited out when the',
    ],
  ]),
  ...mutationsOf('src/keeper/foreign-items.ts', 'test/contract/keeper-foreign.test.ts', [
    [
      'what cannot be counted is passed over in silence',
      'this.#orders = oddities;',
      'this.#orders = [];',
      'is reported while the others count and the account admits',
    ],
    [
      'what counts is not told where its owner ignores it',
      'oddity.counts || !this.#isIgnored(oddity)',
      '!this.#isIgnored(oddity)',
      'and reported if it may count too little',
    ],
  ]),
  ...mutationsOf('src/keeper/unknown-orders.ts', 'test/contract/keeper-foreign.test.ts', [
    [
      'a market order by hand counts without headroom',
      'const HEADROOM_PERCENT = 3n',
      'const HEADROOM_PERCENT = 0n',
      'A market order by hand',
    ],
  ]),
  ...mutationsOf('src/keeper/apply-order.ts', 'test/contract/keeper.test.ts', [
    [
      'an order that filled more than was asked for stays open',
      'if (known === undefined || !isOverfilled(order, known)) throw error;',
      'throw error;',
      'filled more than asked',
    ],
  ]),
];
