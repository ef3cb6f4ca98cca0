/** Thieves that are barred, and an account of which the broker takes no orders (decisions 15, 17). */
import { type Mutation, mutationsOf } from '../mutation.ts';

const LEDGER = 'test/contract/ledger';
const BARS = `${LEDGER}/bars.test.ts`;
const REFUSED = `${LEDGER}/account-refused.test.ts`;
const CLOSURES = `${LEDGER}/closures.test.ts`;

export const THIEF_LINES: readonly Mutation[] = [
  ...mutationsOf('lua/include/barring.lua', BARS, [
    [
      'a thief that left unused room may steal again at once',
      "put_bar(order, 'unused', reason)",
      '',
      'gave its grant back',
    ],
    [
      'a thief that gave its grant back since the account was halted is barred',
      'if not KEPT_OUT[reason] then put_bar',
      'if true then put_bar',
      'is not barred where it was given back as',
    ],
    [
      'a plan whose order was refused may steal again at once',
      "if order.steal ~= '' or not PASSING[reason] then put_bar(order, 'refused', reason) end",
      '',
      'waits longer each time',
    ],
    [
      'each pause of a barred plan is as long as the first',
      'pause_ms * 2 ^ math.min(times - 1, 40)',
      'pause_ms',
      'waits longer each time',
    ],
    ['a bar has no longest pause', ', BAR_LONGEST_MS))', ', 1e15))', 'waits longer each time'],
    [
      'a plan that a rate limit met is barred',
      'rate_limited = true, account',
      'account',
      'is not barred by a rate limit',
    ],
    [
      'an order that works does not lift the bar',
      "if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, 'until_ms', '0') end",
      '',
      'may steal again while that order works',
    ],
    [
      'an order that the broker takes at first makes the count begin anew',
      "if redis.call('EXISTS', key) == 1 then redis.call('HSET', key, 'until_ms', '0') end",
      'drop_bar(bar_name(order))\n  count_bars()',
      'that the broker accepts and then refuses does not reset the count',
    ],
    [
      'a bar stays with the plan that another one replaced',
      'local name = heir_of(bar_name(order))',
      'local name = bar_name(order)',
      'leaves its bar to the plan',
    ],
    [
      'a thief whose victims were filled is barred',
      "if order.steal == '' or (order.state == 'pending' and state == 'rejected') then return end",
      "if order.steal == '' then return end",
      'is not barred when its victims were filled',
    ],
    [
      'a steal that came to nothing is not counted as unused',
      "steal_came_to(order, 'unused', reason)",
      '',
      'gave its grant back',
    ],
  ]),
  ...mutationsOf('lua/plan-replace.lua', BARS, [
    [
      'a plan that replaces a barred one may steal',
      '  hand_bar_on(place.id, id)\n',
      '',
      'has its bar with it',
    ],
  ]),
  ...mutationsOf('lua/include/attempt.lua', BARS, [
    [
      'a bar keeps nobody from stealing',
      'local bar = bar_of(wish)',
      'local bar = nil',
      'gave its grant back',
    ],
  ]),
  ...mutationsOf('lua/admit.lua', `${LEDGER}/admit.test.ts`, [
    [
      'what the broker would not take is admitted',
      "if untakeable ~= '' then return refuse_untakeable(wish, untakeable) end",
      '',
      'is refused with the reason',
    ],
  ]),
  ...mutationsOf('lua/include/book.lua', CLOSURES, [
    [
      'a closed account admits',
      "if (account['closed_by'] or '') ~= '' and not is_probe(id) then return 'closed' end",
      '',
      'admits nothing, says why',
    ],
  ]),
  ...mutationsOf('lua/include/book.lua', REFUSED, [
    [
      'no entry finds out whether the broker takes orders again',
      "number('probe_at_ms') > 0 and health_ms >= number('probe_at_ms')",
      'false',
      'lets one entry through',
    ],
    [
      'entries are let through before the pause is over',
      "health_ms >= number('probe_at_ms')",
      'true',
      'lets one entry through',
    ],
    [
      'an account that says itself that it is shut is probed',
      "if account['shut_told'] == '1' then return false end",
      '',
      'does not open what a refused order closed',
    ],
    [
      'an account that is closed for another cause, too, is probed',
      "account['closed_by'] ~= 'broker' or not id",
      "account['closed_by'] == '' or not id",
      'for another cause too',
    ],
  ]),
  ...mutationsOf('lua/include/closures.lua', REFUSED, [
    [
      'a probe is not noted: more entries follow it',
      "set('probe_order', order.id)",
      '',
      'lets one entry through',
    ],
    [
      'a probe that the broker takes does not open the account',
      "reopen_account('broker')\nend",
      'end',
      'is open again when the broker takes that entry',
    ],
    [
      'any order that is there opens the account',
      "if account['probe_order'] ~= order.id then return end\n  set('reopened_ms'",
      "set('reopened_ms'",
      'stays closed when an order that was sent before',
    ],
    [
      'the pause between two probes does not grow',
      'math.min(2 * pause_ms, PROBE_LONGEST_MS)',
      'PROBE_FIRST_MS',
      'tries half as often',
    ],
    [
      'refusals that were on their way make the pause longer',
      "if not is_news and account['probe_order'] ~= id then return is_news end",
      '',
      'does not wait longer because further orders',
    ],
    [
      'an account that closes again soon begins with the first pause',
      "    or (number('reopened_ms') > 0",
      '    or (false',
      'goes on doubling its pause',
    ],
  ]),
  ...mutationsOf('lua/admit.lua', REFUSED, [
    [
      'somebody is cancelled for a probe',
      "if (account['closed_by'] or '') ~= '' then return refuse_as_closed(wish) end",
      '',
      'cancels no order to find out',
    ],
  ]),
  ...mutationsOf('lua/account-told.lua', REFUSED, [
    [
      'an account that says that it is shut stays open',
      "if not close_account('broker', args.shut) then return reply('exists') end",
      '',
      'closes it and opens it',
    ],
    [
      "the account's own answer opens what a refused order closed",
      "if account['shut_told'] ~= '1' then return reply('exists') end",
      '',
      'does not open what a refused order closed',
    ],
  ]),
  ...mutationsOf('src/mutex/redlock-mutex.ts', 'test/contract/mutex.test.ts', [
    [
      'a thousand hosts keep Redis busy with their tries for the mutex',
      'Math.max(1, line.wait() / WAIT_AT_ONCE)',
      '1',
      'the less often the more wait',
    ],
  ]),
  ...mutationsOf('src/mutex/waiting-line.ts', 'test/contract/mutex.test.ts', [
    [
      'hosts that died while they waited for the mutex are counted for ever',
      "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now_ms)",
      '',
      'does not count those',
    ],
    [
      'a clock that was ahead leaves hosts that wait for the mutex for ever',
      "redis.call('ZREMRANGEBYSCORE', KEYS[1], '(' .. string.format('%.0f', until_ms), '+inf')",
      '',
      'when the clock of the server was ahead',
    ],
    [
      'a host that has the mutex still counts as one that waits',
      'if (this.#tries > FIRST_TRIES) this.#redis.zrem(this.#key, this.#name)',
      'if (this.#tries > FIRST_TRIES) this.#redis.ping()',
      'is counted no longer',
    ],
  ]),
];
