/**
 * Plans, submissions and cancellations, and the judge of the paper exchange (decisions 12, 17, 22, 27, 28).
 */
import { type Mutation, mutationsOf } from '../mutation.ts';

const LIFE = 'test/unit/decide-next.test.ts';

export const PLACING_LINES: readonly Mutation[] = [
  ...mutationsOf('src/gateway/orders/posting.ts', 'test/contract/gateway-posting.test.ts', [
    ['a bot is told that its order is not there, where nobody knows', '.catch(() => true)', '', 'is unclear'],
  ]),
  ...mutationsOf('src/watcher/plan/entry-actions.ts', 'test/contract/watcher-recall.test.ts', [
    [
      'a plan gives back an order whose submission an older copy of the ledger lacks',
      'await assertReconciled(ledger, id);',
      '',
      'gives nothing back that it may have sent',
    ],
  ]),
  ...mutationsOf('src/watcher/plan/decide-entry.ts', LIFE, [
    [
      'an entry that was filled in part goes on resting',
      "return view.paused ? wait('paused') : { do: 'cancel_entry', reason: 'partly_filled' };",
      "return wait('partly_filled');",
      'whose entry is filled in part',
    ],
    [
      'the rest of an entry goes on beyond the take-profit',
      "if (view.partialEntry === 'rest' && !isExitDue(view))",
      "if (view.partialEntry === 'rest')",
      'whose entry is filled in part',
    ],
    [
      'the first part of an entry does not begin the holding time',
      "if (view.heldSinceMs === 0 && isPartHeld(view, entry)) return { do: 'hold_part' };",
      '',
      'whose entry is filled in part',
    ],
    [
      'a plan whose order a person cancelled places the next one',
      "if (entry.reason === BY_HAND && view.byHand.entry === 'withdraw')",
      'if (false)',
      'ends when a person cancelled it',
    ],
    [
      'a plan that is to pause places the next one at once',
      "if (isCoolingOff(view, entry)) return wait('by_hand');",
      '',
      'is left alone for a while',
    ],
    [
      'a plan whose entry is found at the broker places another',
      'if (entry?.sent && !isFinal(entry.state)) return',
      'if (false) return',
      'a plan that waits',
    ],
  ]),
  ...mutationsOf('src/watcher/plan/decide-exit.ts', LIFE, [
    [
      'an exit that a person cancelled is placed again at once',
      "if (isCoolingOff(view, exit)) return wait('by_hand');",
      '',
      'is not placed again at once',
    ],
  ]),
  ...mutationsOf('src/watcher/plan/exit-actions.ts', 'test/contract/watcher.test.ts', [
    [
      'a close at the market is sent between two price steps of the asset',
      'action.closing ? await legalLimit(context, state, action.limit) : action.limit',
      'action.limit',
      'closes at a price step of the asset',
    ],
  ]),
  ...mutationsOf('lua/submit.lua', 'test/contract/coordinator-place.test.ts', [
    [
      'a ledger of another server knows that an order was not sent',
      "if not is_ours(args.server_id) then return reply('unclear') end",
      '',
      'is unclear while the book was reconciled on another server',
    ],
    [
      'a damaged ledger knows that an order was not sent',
      "if not open_book() then return { 'unclear' } end",
      "if not open_book() then return { 'unsynced' } end",
      'is unclear while the book is damaged',
    ],
  ]),
  ...mutationsOf('lua/include/due.lua', 'test/contract/ledger/order.test.ts', [
    [
      'a lease ends in an older copy of the book',
      "    and ((number('synced_at_ms') == 0 and (account['server_id'] or '') == '') or same_server())\n",
      '',
      'ends nothing in an older copy',
    ],
  ]),
  ...mutationsOf('src/ledger/commands/release.ts', 'test/contract/library.test.ts', [
    [
      'an older copy of the book gives back what may have been sent',
      'if (await isReconciled(ledger, true)) ',
      '',
      'is not called released',
    ],
  ]),
  ...mutationsOf('src/watcher/plan-leases.ts', 'test/contract/plan-leases.test.ts', [
    ['plans begin while their host claims more', 'runner.hold();', '', 'begin once all are claimed'],
  ]),
  ...mutationsOf('src/coordinator/place.ts', 'test/contract/coordinator-place.test.ts', [
    [
      'an order is sent though its lease ran out while it was marked',
      "if (leftMs <= 0) return await giveBack(options, wish, 'too_late');",
      '',
      'while the mark was made',
    ],
    [
      'an order is sent though its lease ran out in the adapter',
      'const isInTime = (): boolean => monotonicMs() < sendUntilMs;',
      'const isInTime = (): boolean => true;',
      'while it waited for the broker adapter',
    ],
    [
      'an order that is refused for the account does not close it',
      "if (answer.why === 'account') await untilAnswered(() => accountRefused(ledger, id, answer.message));",
      '',
      'for the account',
    ],
    [
      'an order whose answer was lost is not asked about',
      'if (isSubmissionOf(wish, answer.order)) return await record(options, wish, answer.order);',
      '',
      'is asked about, and opened',
    ],
    [
      'an order that the ledger gave up stays at the broker',
      "if (order.state === 'live') await cancelAtBroker(options, order);",
      '',
      'is cancelled at once',
    ],
    [
      'what was filled without a price costs nothing to whoever placed it',
      'filledMicros(order, wish.limit)',
      '0',
      'half_filled without a price',
    ],
  ]),
  ...mutationsOf('src/cancels/cancel-order.ts', 'test/contract/cancels.test.ts', [
    [
      'room moves when the broker took the request',
      "if (answer.kind === 'accepted') return await untilEnded(options, order, signal, QUICK_QUESTIONS);",
      "if (answer.kind === 'accepted') return await neverThere(options, { ...order, brokerId: '' });",
      'frees nothing',
    ],
    [
      'a cancellation that sticks asks the broker without a budget',
      'if (!quick.includes(asked) && !(isSlow && (await mayAsk()))) continue;',
      '',
      'then only within the shared budget',
    ],
    [
      'a cancellation that waits already is asked for again',
      'if (waited) {',
      'if (false) {',
      'that was stuck before is not requested again',
    ],
    [
      'of a replaced victim nobody cancels the one that goes on for it',
      'if (now.brokerId !== brokerId) return await cancelOrder(options, id, signal);',
      '',
      'was replaced meanwhile',
    ],
    [
      'one "not found" ends an order',
      "if (answer.kind === 'not_found') {\n    await sleep(notFoundPauseMs, undefined, { signal });\n    answer = await askFor(options, order, signal);\n  }",
      '',
      'after the second',
    ],
  ]),
  ...mutationsOf('src/cancels/settle-order.ts', 'test/contract/cancels.test.ts', [
    [
      'an order that the broker confirmed ends when it is not found',
      "if (order.brokerId !== '') {",
      "if (order.brokerId === 'none') {",
      'of an order that the broker confirmed once',
    ],
  ]),
  ...mutationsOf('src/cancels/past-queue.ts', 'test/faults/queue.test.ts', [
    [
      'a paused queue keeps a cancellation for ever',
      'if (this.#underWay.size < ABREAST) void this.#carryOut(job);',
      'void job;',
      'waits in a paused queue',
    ],
  ]),
  ...mutationsOf('src/coordinator/broker-rules.ts', 'test/contract/broker-rules.test.ts', [
    [
      'a refused symbol is not asked for anew',
      'if (this.#doubtful.size < SYMBOLS_LIMIT) this.#doubtful.add(symbol);',
      '',
      'its asset is queried again before it takes room',
    ],
  ]),
  ...mutationsOf('src/exchange/judge.ts', 'test/contract/exchange-judge.test.ts', [
    [
      'the judge sees no short sale that fills above its limit',
      'if (priceNanos <= heldAt) return;',
      'return;',
      'finds a short sale that fits at its limit',
    ],
    [
      'the judge blames a short sale for the market',
      '(priceNanos - fairNanos) * qtyNanos : 0n',
      '0n : 0n',
      'does not blame a short sale',
    ],
  ]),
];
