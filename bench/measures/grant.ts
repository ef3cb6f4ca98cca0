/**
 * Time from blocked to granted: steal under the mutex, outbox, cancel queue, worker, settlement, event, with
 * a broker that answers at once. It is compared with the minimum that a queue costs: a bare BullMQ job, from
 * adding it to its completion.
 */
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { forget } from '../book.ts';
import { compare, median, serialMicros } from '../measure.ts';
import type { Measure } from '../measure-type.ts';
import { judge, micros, type Target } from '../report.ts';
import { openFullBook, startThieves } from '../thieves.ts';

const CALLS_PER_ROUND = 20;

/** Measures one thief with one victim at a time. */
export const grant: Measure = {
  name: 'grant',
  isQuick: true,
  run: async ({ url, rounds }) => [await blockedToGranted(url, rounds)],
};

async function blockedToGranted(url: string, rounds: number): Promise<Target> {
  const book = await openFullBook(url, 'grants');
  const thieves = await startThieves(url, book);
  const jobs = await startJobs(url);
  const steals = async (): Promise<number> => {
    const waits: number[] = [];
    for (let nth = 0; nth < CALLS_PER_ROUND; nth += 1) waits.push(await thieves.steal());
    await forget(book);
    return median(waits);
  };
  try {
    const { a, b, ratio } = await compare(rounds, steals, jobs.round);
    return judge(
      { name: 'blocked to granted / bare BullMQ job, p50', target: 3.2 },
      ratio,
      `${micros(a)} / ${micros(b)}`,
    );
  } finally {
    await thieves.close();
    await jobs.close();
    await book.ledger.close();
  }
}

type Jobs = { round: () => Promise<number>; close: () => Promise<void> };

async function startJobs(url: string): Promise<Jobs> {
  const adder = new Redis(url, { maxRetriesPerRequest: 1 });
  const taker = new Redis(url, { maxRetriesPerRequest: null });
  const options = { prefix: 'bench:{jobs}' };
  const queue = new Queue('bare', {
    ...options,
    connection: adder,
    defaultJobOptions: { removeOnComplete: true },
  });
  const worker = new Worker('bare', async () => 1, { ...options, connection: taker, concurrency: 50 });
  worker.on('error', () => {});
  const completed = new Map<string, () => void>();
  worker.on('completed', ({ id = '' }) => completed.get(id)?.());
  await worker.waitUntilReady();
  let made = 0;

  async function job(): Promise<void> {
    made += 1;
    const jobId = `job-${made}`;
    const done = new Promise<void>((resolve) => completed.set(jobId, resolve));
    await queue.add('bare', { made }, { jobId });
    await done;
    completed.delete(jobId);
  }
  return {
    round: () => serialMicros(Array.from({ length: CALLS_PER_ROUND }), job),
    async close() {
      await worker.close();
      await queue.close();
      adder.disconnect();
      taker.disconnect();
    },
  };
}
