/** Is an account well? One finding per possible fault, in the order in which to repair them. */
import { usd } from '../../domain/amounts.ts';
import type { Facts, Status } from './facts.ts';
import { bad, type Finding, judge, well } from './finding.ts';
import { CLOCK_LIMIT_MS, clock, eviction, persistence } from './server.ts';

export type Limits = {
  /** A cancellation older than this is overdue, ms. */
  outboxMs: number;
  /** The clocks of Redis and of this host may differ by at most this, ms. */
  clockMs: number;
  /** Of the steals that ended within an hour, at most this share may have failed, or so many. */
  stealFailures: number;
  stealsFailed: number;
};

export const DEFAULT_LIMITS: Limits = {
  outboxMs: 10_000,
  clockMs: CLOCK_LIMIT_MS,
  stealFailures: 0.5,
  stealsFailed: 5,
};

/** Every finding, whether well or not. */
export function diagnose(facts: Facts, limits: Limits = DEFAULT_LIMITS): Finding[] {
  const ofStatus = (check: string, of: (status: Status) => Finding) => judge(check, facts.status, of);
  return [
    ofStatus('keeper', keeper),
    ofStatus('worker', (status) => role(status, 'worker', 'work', 'no cancellation is carried out')),
    ofStatus('watcher', (status) => role(status, 'watcher', 'watch', 'no plan is watched')),
    ofStatus('keys', standingAside),
    ofStatus('entries', entries),
    ofStatus('cap', cap),
    ofStatus('outbox', (status) => outbox(status, limits.outboxMs)),
    ofStatus('steals', (status) => steals(status, limits)),
    ofStatus('settings', settings),
    judge('audit', facts.audit, ({ faultCount, faults }) =>
      faultCount === 0
        ? well('audit', 'every sum and index agrees with the orders and positions')
        : bad(
            'audit',
            `${faultCount} ${faultCount === 1 ? 'fault' : 'faults'}: ${faults.slice(0, 3).join('; ')}`,
            'the keeper closes the account and rebuilds it; if it does not, run `worksteal audit` and ' +
              'report it',
          ),
    ),
    judge('clock', facts.clockAheadMs, (aheadMs) => clock('clock', 'Redis', aheadMs, limits.clockMs)),
    judge('eviction', facts.info, eviction),
    judge('persistence', facts.info, (info) => persistence(info, facts.savePoints)),
  ];
}

function keeper({ keeper, failure }: Status): Finding {
  if (keeper === 'none')
    return bad(
      'keeper',
      'no keeper is active: the account stops admitting once its last reconciliation is too old',
      'start `worksteal keep` on one host or more',
    );
  return well('keeper', failure ? `active; its last failure: ${failure}` : 'active');
}

function role({ hosts }: Status, check: string, command: string, consequence: string): Finding {
  const count = hosts.filter((host) => host.role === command).length;
  if (count > 0) return well(check, `${count} with a heartbeat within 15 s`);
  return bad(
    check,
    `no heartbeat within 15 s: ${consequence}`,
    `start \`worksteal ${command}\` on one host or more`,
  );
}

function standingAside({ troubles }: Status): Finding {
  if (troubles.length === 0) return well('keys', 'no host stands aside');
  const words = troubles.slice(0, 3).map(({ host, role, why }) => `${host} (${role}): ${why}`);
  return bad(
    'keys',
    `${troubles.length} ${troubles.length === 1 ? 'host stands' : 'hosts stand'} aside: ${words.join('; ')}`,
    'give these hosts the keys of the account that the ledger is kept for',
  );
}

const NOT_ADMITTING: Readonly<Record<Exclude<Status['admits'], 'yes' | 'closed'>, [string, string]>> = {
  halted: ['halted by a person', '`worksteal resume` when the reason is gone'],
  unsynced: [
    'the last reconciliation with the broker is too old, or of another Redis server',
    "see the keeper's log, and `last failure` in `worksteal status`",
  ],
  over: ['more is used than the cap allows', 'wait for fills and exits, or close positions'],
};

function entries(status: Status): Finding {
  if (status.admits === 'yes') return well('entries', 'admitted');
  return { ...notAdmitted(status, status.admits), cause: status.admits };
}

function notAdmitted(
  { closures, halts, lossWaitMs }: Status,
  admits: Exclude<Status['admits'], 'yes'>,
): Finding {
  if (admits === 'unsynced' && lossWaitMs)
    return bad(
      'entries',
      `not admitted for ${Math.ceil(lossWaitMs / 1_000)} s more: an order sent before the ledger was lost ` +
        'may still reach the broker',
      'wait: the keeper then reconciles the account',
    );
  if (admits === 'closed') {
    const causes = closures.map(({ cause, words }) => `${cause} (${words})`).join('; ');
    return bad(
      'entries',
      `closed: ${causes}`,
      '`worksteal reopen CAUSE` when it is over; docs/operations.md',
    );
  }
  if (admits === 'halted' && halts.length > 0) {
    const reasons = halts.map(
      ({ atMs, by, reason }) =>
        `${reason ?? '-'}${by ? `, by ${by}` : ''}, at ${new Date(atMs).toISOString()}`,
    );
    return bad('entries', `not admitted: halted: ${reasons.join('; then ')}`, NOT_ADMITTING.halted[1]);
  }
  const [words, next] = NOT_ADMITTING[admits];
  return bad('entries', `not admitted: ${words}`, next);
}

function cap({ pools, brokerCountMicros }: Status): Finding {
  const capMicros = pools.find(({ pool }) => pool === 'total')?.capMicros ?? 0;
  if (typeof brokerCountMicros !== 'number')
    return well('cap', 'no keeper has said yet what the broker counts');
  const words = `the broker counts ${usd(brokerCountMicros)} of a cap of ${usd(capMicros)}`;
  if (brokerCountMicros <= capMicros) return well('cap', words);
  return bad('cap', words, 'nothing is admitted until it fits again: wait for exits, or close positions');
}

/** Few that failed are no sign, whatever their share. */
function steals({ steals: { granted, failed } }: Status, limits: Limits): Finding {
  const words = `${failed} of ${granted + failed} that ended within an hour failed`;
  const isMany = failed >= limits.stealsFailed && failed > limits.stealFailures * (granted + failed);
  if (!isMany) return well('steals', words);
  return bad('steals', words, 'victims fill while they are cancelled: raise WORK_STEALING_PROTECTION');
}

function outbox({ outbox, outboxOldestMs, cancelQueuePaused }: Status, limitMs: number): Finding {
  const oldestMs = outboxOldestMs ?? 0;
  const seconds = Math.round(oldestMs / 1_000);
  if (cancelQueuePaused === 'yes')
    return bad('outbox', 'the cancel queue is paused', 'resume BullMQ\'s queue "cancel" of this account');
  if (oldestMs > limitMs)
    return bad(
      'outbox',
      `${outbox} ${outbox === 1 ? 'cancellation is' : 'cancellations are'} on record, the oldest for ` +
        `${seconds} s`,
      "see the workers' logs and the broker's status page",
    );
  return well('outbox', outbox === 0 ? 'empty' : `${outbox} on record, the oldest for ${seconds} s`);
}

function settings({ hosts, fingerprint }: Status): Finding {
  const differing = hosts.filter(({ agrees }) => !agrees).map(({ host }) => host);
  if (differing.length === 0) return well('settings', `all hosts use the account's (${fingerprint})`);
  return bad(
    'settings',
    `${differing.slice(0, 5).join(', ')} ${differing.length === 1 ? 'has' : 'have'} other settings than ` +
      'the account, and must not steal',
    'give every host the same WORK_STEALING_* settings and restart it; `worksteal config` shows them',
  );
}
