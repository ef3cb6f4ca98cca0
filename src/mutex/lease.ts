/**
 * Holding a lock for as long as one lives: how the one keeper of an account is elected. The holder is told
 * when it can't be sure any more, before anybody else can have become it (on the holder's own monotonic
 * clock).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Held, Mutex } from './mutex.ts';

export type LeaseOptions = {
  mutex: Mutex;
  /** The whole key, `ws:{account}:keeper`. */
  key: string;
  /** After a holder's death the next one follows within this. */
  ttlMs: number;
  signal: AbortSignal;
  /** Told of what `onHeld` throws; the lock is given back and competed for again. */
  onError?: (error: unknown) => void;
  /**
   * How long (ms) it keeps out of the competition after what `onHeld` threw; default, and where it answers
   * undefined: a sixth of the ttl.
   */
  keepOutMs?: (error: unknown) => number | undefined;
  monotonicMs?: () => number;
};

/** What of the ttl counts: the rest is for clocks that run apart. */
const SAFE_SHARE = 0.9;

/**
 * Tries to become the holder, for ever; runs `onHeld` while it is, one run at a time, and gives the lock back
 * when that returns. `lost` aborts when the lock is lost or `signal` aborts: stop then, and return. Resolves
 * when `signal` aborts.
 */
export async function hold(
  options: LeaseOptions,
  onHeld: (lost: AbortSignal) => Promise<void>,
): Promise<void> {
  const {
    mutex,
    key,
    ttlMs,
    signal,
    onError = () => {},
    keepOutMs = () => undefined,
    monotonicMs = () => performance.now(),
  } = options;
  const usualPauseMs = ttlMs / 6;
  while (!signal.aborted) {
    const startedMs = monotonicMs();
    const held = await mutex.tryAcquire(key, ttlMs);
    let pauseMs: number | undefined;
    if (held !== undefined) {
      pauseMs = await reign(held, { ttlMs, signal, startedMs, monotonicMs }, onHeld).then(
        () => undefined,
        (error: unknown) => {
          onError(error);
          return keepOutMs(error);
        },
      );
      await held.release();
    }
    // A pause before the next try: whoever waits longer has its turn, and a fault does not spin.
    await sleep(pauseMs ?? usualPauseMs, undefined, { signal }).catch(() => {});
  }
}

type Reign = { ttlMs: number; signal: AbortSignal; startedMs: number; monotonicMs: () => number };

async function reign(
  held: Held,
  { ttlMs, signal, startedMs, monotonicMs }: Reign,
  onHeld: (lost: AbortSignal) => Promise<void>,
): Promise<void> {
  const losing = new AbortController();
  const stop = (): void => losing.abort(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  let untilMs = startedMs + ttlMs * SAFE_SHARE;
  const watchdog = (): NodeJS.Timeout =>
    setTimeout(() => losing.abort(new Error('the lock was not extended in time')), untilMs - monotonicMs());
  let timer = watchdog();
  const done = new AbortController();

  const extending = (async () => {
    while (!done.signal.aborted && !losing.signal.aborted) {
      await sleep(ttlMs / 3, undefined, { signal: done.signal }).catch(() => {});
      if (done.signal.aborted || losing.signal.aborted) return;
      const askedMs = monotonicMs();
      try {
        if (!(await held.extend(ttlMs))) {
          losing.abort(new Error('the lock was lost'));
          return;
        }
        untilMs = askedMs + ttlMs * SAFE_SHARE;
        clearTimeout(timer);
        timer = watchdog();
      } catch {
        // No answer: the watchdog decides, so an outage shorter than the ttl costs nothing.
      }
    }
  })();

  try {
    await onHeld(losing.signal);
  } finally {
    done.abort();
    await extending;
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
