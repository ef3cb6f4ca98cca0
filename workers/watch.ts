/** `worksteal watch`: leases plans and runs each from entry to exit. */
import { CancelQueue } from '../src/cancels/queue.ts';
import { startCoordinator } from '../src/coordinator/coordinator.ts';
import { EventFeed } from '../src/coordinator/event-feed.ts';
import { openFleet } from '../src/fleet/fleet.ts';
import { redlockMutex } from '../src/mutex/redlock-mutex.ts';
import { seconds } from '../src/ops/readiness.ts';
import { poolRule } from '../src/rules/pools.ts';
import { fingerprint } from '../src/rules/settings.ts';
import { WatcherStats } from '../src/watcher/stats.ts';
import { runWatcher } from '../src/watcher/watcher.ts';

/** Runs until SIGTERM or SIGINT, then returns its plans for other hosts. */
export async function runWatch(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<void> {
  const fleet = await openFleet('watch', env);
  const { settings, rules, log, ledger, broker, step, report, whileWell } = fleet;
  const {
    redisUrl,
    account,
    host,
    leaseMs,
    requestTimeoutMs,
    planLeaseMs,
    maxPlans,
    quotesMs,
    byHand,
    partialEntry,
  } = settings;
  const events = new EventFeed(redisUrl, account, log);
  const queue = new CancelQueue(redisUrl, account);
  const stats = new WatcherStats();
  let renewedMs = performance.now();
  fleet.readiness.add('leases', () => {
    const sinceMs = performance.now() - renewedMs;
    return { well: sinceMs < planLeaseMs, words: `of its plans, renewed ${seconds(sinceMs)} ago` };
  });
  const coordinator = startCoordinator({
    ledger,
    broker,
    mutex: redlockMutex([ledger.redis]),
    events,
    enqueue: (...cancellations) => queue.enqueue(...cancellations),
    leaseMs,
    requestTimeoutMs,
    log,
    fingerprint: fingerprint(rules),
    poolRule: poolRule(rules),
    step,
    onLatency: (kind, ms) =>
      kind === 'lockWait' ? fleet.metrics.entries.took(kind, ms) : stats.took(kind, ms),
  });
  try {
    const parts = {
      ledger,
      broker,
      coordinator,
      rules,
      host,
      planLeaseMs,
      maxPlans,
      quotesMs,
      byHand,
      partialEntry,
      log,
      report,
      stats,
      onRenewed: () => {
        renewedMs = performance.now();
      },
    };
    await whileWell((signal) => runWatcher(parts, signal));
  } finally {
    await coordinator.close();
    await queue.close();
    await events.close();
    await fleet.close();
  }
}
