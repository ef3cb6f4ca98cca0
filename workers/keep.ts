/** `worksteal keep`: the account's keeper. */
import { CancelQueue } from '../src/cancels/queue.ts';
import { Relay } from '../src/cancels/relay.ts';
import { openFleet } from '../src/fleet/fleet.ts';
import { runKeeper } from '../src/keeper/keeper.ts';
import type { KeeperReport } from '../src/keeper/keeper-report.ts';
import { setLedgerSpeed } from '../src/keeper/ledger-speed.ts';
import { redlockMutex } from '../src/mutex/redlock-mutex.ts';
import { seconds, type Verdict } from '../src/ops/readiness.ts';
import { Surveyor } from '../src/survey/surveyor.ts';

/** The keeper's part of /readyz: one that stands by is ready; the active one has reconciled lately. */
class Rounds {
  readonly #maxAgeMs: number;
  #active = false;
  #reconciles = 0;
  #lastMs = 0;

  constructor(maxAgeMs: number) {
    this.#maxAgeMs = maxAgeMs;
  }

  count({ active, reconciles }: KeeperReport): void {
    if (!this.#active || reconciles > this.#reconciles) this.#lastMs = performance.now();
    this.#active = active;
    this.#reconciles = reconciles;
  }

  verdict(): Verdict {
    if (!this.#active) return { well: true, words: 'standing by' };
    const sinceMs = performance.now() - this.#lastMs;
    return { well: sinceMs < this.#maxAgeMs, words: `active, reconciled ${seconds(sinceMs)} ago` };
  }
}

/** Runs until SIGTERM or SIGINT. @throws WorkstealError `settings`, `unavailable` */
export async function runKeep(): Promise<void> {
  const fleet = await openFleet('keep');
  const { settings, rules, log, ledger, broker, signal, step, onTrouble } = fleet;
  const { redisUrl, leaseMs, inFlightMs, syncMs, syncMaxAgeMs, ignored, lagMs, equityJump } = settings;
  const mutex = redlockMutex([ledger.redis]);
  const queue = new CancelQueue(redisUrl, settings.account);
  const relay = new Relay({ ledger, queue, log });
  const recoverOutbox = () => relay.pass();
  const rounds = new Rounds(syncMaxAgeMs);
  fleet.readiness.add('keeper', () => rounds.verdict());
  const budgets = { trading: settings.requestsPerMinute, data: settings.dataRequestsPerMinute };
  const surveyor = new Surveyor({ ledger, budgets, shown: fleet.metrics.book, log });
  const report = (totals: KeeperReport): void => {
    rounds.count(totals);
    if (fleet.servesMetrics) surveyor.follow(totals.active, totals);
    fleet.report(totals);
  };
  try {
    if (settings.ledgerSpeed !== undefined)
      await setLedgerSpeed(ledger, rules, syncMaxAgeMs, settings.ledgerSpeed);
    const parts = { ledger, redisUrl, broker, mutex, rules, log, recoverOutbox, report, step, onTrouble };
    await runKeeper(
      { ...parts, leaseMs, inFlightMs, syncMs, syncMaxAgeMs, ignored, lagMs, equityJump },
      signal,
    );
  } finally {
    surveyor.close();
    await queue.close();
    await fleet.close();
  }
}
