/** Runs path seeds on threads, one a core, and adds their sums in the order of the seeds. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { WorkstealError } from '../domain/errors.ts';
import type { SeedJob, SeedReply, SeedRequest } from './seed-job.ts';
import { merged, type Tally } from './tally.ts';

/** `.ts` as a source, `.js` as built. */
const WORKER = new URL(`./seed-worker${import.meta.url.slice(-3)}`, import.meta.url);

export type SeedsOptions = {
  /** At least one; each runs once. */
  seeds: readonly number[];
  /** Threads; default: one a core. */
  workers?: number;
  /** The share of all seeds that is done, 0..1. */
  onProgress?: (share: number) => void;
};

/** How the seeds of a job are run; a test may give its own. */
export type RunSeeds = (job: SeedJob, options: SeedsOptions) => Promise<Tally>;

/** @throws WorkstealError what the run of a seed throws; the other threads are then ended */
export const runSeeds: RunSeeds = async (job, { seeds, workers = availableParallelism(), onProgress }) => {
  const tallies = new Map<number, Tally>();
  const shares = new Map<number, number>();
  const left = [...seeds];
  const progress = (seed: number, share: number): void => {
    shares.set(seed, share);
    let sum = 0;
    for (const one of shares.values()) sum += one;
    onProgress?.(sum / seeds.length);
  };
  const threads = Array.from(
    { length: Math.min(Math.max(1, workers), seeds.length) },
    () => new Worker(WORKER, { workerData: job }),
  );
  try {
    await Promise.all(threads.map((thread) => serve(thread, left, tallies, progress)));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
  return merged(seeds.map((seed) => tallies.get(seed) as Tally));
};

/** Gives one thread seeds until none is left. */
function serve(
  thread: Worker,
  left: number[],
  tallies: Map<number, Tally>,
  progress: (seed: number, share: number) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const seed = left.shift();
      if (seed === undefined) resolve();
      else thread.postMessage({ seed } satisfies SeedRequest);
    };
    thread.on('error', reject);
    thread.on('exit', (code) =>
      reject(new WorkstealError('bug', `a thread of the evaluation ended: ${code}`)),
    );
    thread.on('message', (reply: SeedReply) => {
      if (reply.kind === 'failed') return reject(new WorkstealError(reply.code, reply.message));
      if (reply.kind === 'progress') return progress(reply.seed, reply.share);
      tallies.set(reply.seed, reply.tally);
      progress(reply.seed, 1);
      next();
    });
    next();
  });
}
