/** `worksteal work`: carries out cancellations, and enqueues those whose host died. */
import { cancelOrder } from '../src/cancels/cancel-order.ts';
import { PastQueue } from '../src/cancels/past-queue.ts';
import { CancelQueue } from '../src/cancels/queue.ts';
import { Relay } from '../src/cancels/relay.ts';
import { CancelWorker } from '../src/cancels/worker.ts';
import { openFleet } from '../src/fleet/fleet.ts';

const REPORT_MS = 1_000;

/** Runs until SIGTERM or SIGINT. */
export async function runWork(): Promise<void> {
  const fleet = await openFleet('work');
  const { settings, ledger, broker, log, step, report, whileWell } = fleet;
  const counts = { settled: 0, ended: 0, not_cancelling: 0, unknown: 0, failed: 0 };
  let settleMs: number[] = [];
  const queue = new CancelQueue(settings.redisUrl, settings.account);
  const cancels = { ledger, broker, log, step, mayAsk: fleet.mayAskWhileWaiting };
  const reporting = setInterval(() => {
    report({ type: 'cancels', ...counts, settleMs });
    settleMs = [];
  }, REPORT_MS);
  const onDone = (outcome: keyof typeof counts, ms: number): void => {
    counts[outcome] += 1;
    if (outcome === 'settled' && settleMs.length < 1_000) settleMs.push(ms);
  };
  /** Carries out cancellations until the signal aborts; running jobs finish, or return to the queue. */
  const carryOutAll = async (signal: AbortSignal): Promise<void> => {
    const worker = new CancelWorker({ ...cancels, url: settings.redisUrl, onDone });
    fleet.readiness.add('queue', () => ({
      well: worker.isTaking,
      words: worker.isTaking ? 'takes cancellations' : 'takes no cancellations',
    }));
    try {
      await worker.ready(signal);
      if (!signal.aborted) log.info('work: taking cancellations');
      const carryOut = (victim: string, stop: AbortSignal) => cancelOrder(cancels, victim, stop);
      const past = new PastQueue({ queue, idleMs: () => worker.idleMs(), carryOut, signal, log });
      await new Relay({ ledger, queue, log, onOverdue: (jobs) => past.take(jobs) }).run(signal);
    } finally {
      await worker.close();
    }
  };
  try {
    await whileWell(carryOutAll);
  } finally {
    clearInterval(reporting);
    await queue.close();
    await fleet.close();
  }
}
