/** `worksteal work`: carries out cancellations, and enqueues those whose host died. */
import { carryOut } from '../src/cancels/carry-out.ts';
import { PastQueue } from '../src/cancels/past-queue.ts';
import { type CancelJob, CancelQueue } from '../src/cancels/queue.ts';
import { Relay } from '../src/cancels/relay.ts';
import { CancelWorker } from '../src/cancels/worker.ts';
import { openFleet } from '../src/fleet/fleet.ts';

const REPORT_MS = 1_000;
const SAMPLES = 1_000;

/** Runs until SIGTERM or SIGINT. */
export async function runWork(): Promise<void> {
  const fleet = await openFleet('work');
  const { settings, ledger, broker, log, step, report, whileWell } = fleet;
  const counts = { settled: 0, ended: 0, not_cancelling: 0, unknown: 0, failed: 0 };
  let doneMs: number[] = [];
  const queue = new CancelQueue(settings.redisUrl, settings.account);
  const cancels = { ledger, broker, log, step, mayAsk: fleet.mayAskWhileWaiting };
  const reporting = setInterval(() => {
    report({ type: 'cancels', ...counts, doneMs });
    doneMs = [];
  }, REPORT_MS);
  const onDone = (outcome: keyof typeof counts, ms: number): void => {
    counts[outcome] += 1;
    const isDone = outcome === 'settled' || outcome === 'ended';
    // The two times are of two hosts' clocks.
    if (isDone && doneMs.length < SAMPLES) doneMs.push(Math.max(0, ms));
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
      const pastQueue = (job: CancelJob, stop: AbortSignal) => carryOut(cancels, job, stop);
      const past = new PastQueue({
        ...{ queue, idleMs: () => worker.idleMs(), carryOut: pastQueue, signal, log },
      });
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
