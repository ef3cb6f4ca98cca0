/**
 * How often a plan may begin an attempt, hosts whose settings are others, and what people are told (decisions
 * 7, 9; `why`, `status`, `audit`).
 */
import { type Mutation, mutationsOf } from '../mutation.ts';

const LEDGER = 'test/contract/ledger';
const PACES = `${LEDGER}/plan-paces.test.ts`;

export const STANDING_LINES: readonly Mutation[] = [
  ...mutationsOf('lua/admit.lua', `${LEDGER}/hosts.test.ts`, [
    [
      'a host enters without a pool that the account has',
      "if pools_differ then return refuse(wish, 'disabled', 'why', 'pools_differ') end",
      '',
      'enters nothing, and may close what is held',
    ],
  ]),
  ...mutationsOf('lua/steal.lua', `${LEDGER}/hosts.test.ts`, [
    [
      'a host with other settings steals',
      "if fingerprint ~= '' and fingerprint ~= account_settings then",
      'if false then',
      'does not steal, and gets both fingerprints',
    ],
  ]),
  ...mutationsOf('lua/include/paces.lua', PACES, [
    [
      'a plan begins any number of attempts at once',
      'local ATTEMPTS_AT_ONCE, PACE_MS = 10, 6000',
      'local ATTEMPTS_AT_ONCE, PACE_MS = 1000, 6000',
      'the attempts of a plan',
    ],
  ]),
  ...mutationsOf('lua/plan-note.lua', PACES, [
    [
      'the attempts of an exit are not counted',
      '  exit_due_ms = begin_attempt(exit_due_ms)\n',
      '  exit_due_ms = 0\n',
      'the attempts of a plan',
    ],
    [
      'an attempt that is told twice counts twice',
      'if args.attempt > attempt then',
      'if args.attempt >= attempt then',
      'are counted once each',
    ],
    [
      'a pause ends with its host',
      "'paused_until_ms', int(health_ms + args.pause_ms)",
      "'paused_until_ms', 0",
      'is handed to the next host',
    ],
  ]),
  ...mutationsOf('lua/plan-replace.lua', PACES, [
    [
      'a plan that replaces another begins its attempts anew',
      '  hand_pace_on(place.id, id)\n',
      '',
      'when the plan is replaced',
    ],
  ]),
  ...mutationsOf('src/watcher/watcher-events.ts', 'test/contract/watcher-refusals.test.ts', [
    [
      'exits that the broker refuses let each other off their pauses',
      "if (type !== 'ended' || fields['state'] === 'rejected') return;",
      "if (type !== 'ended') return;",
      'end no pause',
    ],
  ]),
  ...mutationsOf('lua/include/holdings.lua', `${LEDGER}/exits.test.ts`, [
    [
      'exits are judged by a lag that nobody set',
      'return told_ms > 0 and told_ms or 5000',
      'return 5000',
      'is judged by the lag that the keeper sent at its last reconciliation',
    ],
  ]),
  ...mutationsOf('src/watcher/plan/decide-exit.ts', 'test/unit/decide-next.test.ts', [
    [
      'a plan that a person closes goes on holding',
      'return plan.closeAskedMs > 0 || (plan.holdMs > 0 && nowMs >= heldSinceMs + plan.holdMs);',
      'return plan.holdMs > 0 && nowMs >= heldSinceMs + plan.holdMs;',
      'closes what it holds at the market',
    ],
  ]),
  ...mutationsOf('src/watcher/plan/decide-entry.ts', 'test/unit/decide-next.test.ts', [
    [
      'a plan that a person closes still enters',
      "if (plan.withdrawAsked || plan.closeAskedMs > 0) return 'withdrawn';",
      "if (plan.withdrawAsked) return 'withdrawn';",
      'is withdrawn while it waits',
    ],
  ]),
  ...mutationsOf('src/keeper/halt-memory.ts', 'test/contract/keeper-losses.test.ts', [
    [
      'a keeper that stands by hears nothing of a halt',
      "if (type === 'halted') this.#halted = { notes: [note], created: this.#created };",
      '',
      'is known at once to a keeper that stands by',
    ],
  ]),
  ...mutationsOf('lua/redis-cli/status.lua', 'test/contract/inspect-standing.test.ts', [
    [
      'status says that an account is kept which no keeper keeps',
      'if silence_ms and silence_ms <= (elected and KEEPER_HANGS_MS or KEEPER_SILENCE_MS) then return nil end',
      'if silence_ms then return nil end',
      'and until when the account admits without one',
    ],
  ]),
  ...mutationsOf('lua/redis-cli/audit.lua', `${LEDGER}/book.test.ts`, [
    [
      'the audit for people does not look at what an order counts in its pool',
      "if order.pool ~= '' and order.held_pool_micros ~= left then",
      'if false then',
      'finds an order that counts wrong in its pool',
    ],
    [
      'the audit for people adds nothing up in the pools of orders',
      'plus(sums.orders, order.pool, order.held_pool_micros)',
      '',
      'finds an order that counts wrong in its pool',
    ],
  ]),
];
