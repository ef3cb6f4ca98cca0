/** Shows something again every second, until Ctrl-C; an outage is reported, and the next reading tried. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkstealError } from '../../domain/errors.ts';
import { untilStopped } from './until-stopped.ts';

const PAUSE_MS = 1_000;

export type Showing = {
  show: () => Promise<void>;
  /** Receives the message of an outage. */
  complain: (message: string) => void;
  /** Ends it, too. */
  quit?: AbortSignal;
};

/** Resolves when it was stopped. @throws what `show` throws, except for errors that are retriable */
export async function everySecond({ show, complain, quit }: Showing): Promise<void> {
  await untilStopped(async (stopping) => {
    const signal = quit === undefined ? stopping : AbortSignal.any([stopping, quit]);
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    while (!signal.aborted) {
      // Ctrl-C does not wait for a Redis that does not answer.
      await Promise.race([showOr(show, complain, signal), stopped]);
      await sleep(PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  });
}

/** An outage is reported instead, until the signal has aborted. */
async function showOr(
  show: () => Promise<void>,
  complain: (message: string) => void,
  signal: AbortSignal,
): Promise<void> {
  try {
    await show();
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof WorkstealError && error.retriable)) throw error;
    complain(error.message);
  }
}
