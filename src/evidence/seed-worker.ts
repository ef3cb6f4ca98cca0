/** A thread that runs path seeds, one after the other, as it is asked. */
import { parentPort, workerData } from 'node:worker_threads';
import { WorkstealError } from '../domain/errors.ts';
import { runSeed } from './run.ts';
import type { SeedJob, SeedReply, SeedRequest } from './seed-job.ts';
import { tallyOf } from './tally.ts';

const PROGRESS_MS = 200;

const { market, options } = workerData as SeedJob;
const reply = (message: SeedReply): void => parentPort?.postMessage(message);

function run(seed: number): void {
  let last = performance.now();
  const tally = tallyOf(
    runSeed(market, { ...options, seed }, (share) => {
      if (performance.now() - last < PROGRESS_MS) return;
      last = performance.now();
      reply({ kind: 'progress', seed, share });
    }),
  );
  reply({ kind: 'done', seed, tally });
}

parentPort?.on('message', ({ seed }: SeedRequest) => {
  try {
    run(seed);
  } catch (error) {
    const code = error instanceof WorkstealError ? error.code : 'bug';
    const message = error instanceof WorkstealError ? error.message : String((error as Error).stack);
    reply({ kind: 'failed', seed, code, message });
  }
});
