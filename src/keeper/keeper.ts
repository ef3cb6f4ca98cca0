/**
 * The keeper of an account: follows the broker's trade updates, reconciles, sweeps the ledger and recovers
 * the outbox. One keeper is active, the others stand by. Two active keepers cost requests and do no harm,
 * since everything that a keeper does may be done twice (I6).
 */
import { WorkstealError } from '../domain/errors.ts';
import { key } from '../ledger/keys.ts';
import { hold } from '../mutex/lease.ts';
import type { KeeperOptions } from './keeper-options.ts';
import { Keeper, standsDown } from './keeper-term.ts';

export type { KeeperOptions } from './keeper-options.ts';
export type { KeeperReport } from './keeper-report.ts';

/**
 * For how many leases a keeper that stood down keeps out of the election. In one lease, each keeper that
 * stands by tries several times.
 */
const STAND_DOWN_LEASES = 2;

/** Stands by, and keeps the account while it is elected. Resolves when the signal aborts. */
export async function runKeeper(options: KeeperOptions, signal: AbortSignal): Promise<void> {
  const { ledger, mutex, leaseMs, log, onTrouble = () => {} } = options;
  const keeper = new Keeper(options);
  const electionKey = key(ledger.account, 'keeper');
  const onError = (err: unknown): void => {
    if (standsDown(err)) {
      onTrouble(err.message);
      log.error(
        { code: err.code },
        `keeper: standing down, so that another one may keep the account: ${err.message}`,
      );
    } else if (err instanceof WorkstealError && err.retriable) {
      log.warn({ err }, `keeper: the term ended, the next one begins soon: ${err.message}`);
    } else log.error({ err }, 'keeper: the term ended with a fault');
  };
  const keepOutMs = (err: unknown) => (standsDown(err) ? STAND_DOWN_LEASES * leaseMs : undefined);
  log.info('keeper: standing by'); // another one may be active for days
  try {
    void keeper.listen(signal);
    await hold({ mutex, key: electionKey, ttlMs: leaseMs, signal, onError, keepOutMs }, (lost) =>
      keeper.term(lost),
    );
  } finally {
    keeper.close();
  }
}
