/**
 * Leader election by a lock that its holder keeps extending: how the one active keeper of an account is
 * elected. A holder that could not extend in time stops before anybody else can get the lock. It measures
 * that on its own monotonic clock.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Held, Mutex } from './mutex.ts';

export type LeaseOptions = {
  mutex: Mutex;
  /** The whole key, `ws:{account}:keeper`. */
  key: string;
  /** If a holder dies, the lock is free again within this. */
  ttlMs: number;
  signal: AbortSignal;
  /** Called with what `onHeld` throws; then the lock is released, and this process competes again. */
  onError?: (error: unknown) => void;
  /**
   * The pause in ms before this process competes again after `onHeld` threw. undefined (the default) means a
   * sixth of ttlMs.
   */
  keepOutMs?: (error: unknown) => number | undefined;
  monotonicMs?: () => number;
};

/** The holder trusts this share of ttlMs; the rest is a margin for clocks that run at different speeds. */
const SAFE_SHARE = 0.9;

/**
 * Competes for the lock until `signal` aborts. Runs `onHeld` while it holds the lock, one run at a time, and
 * releases the lock when that returns. `lost` aborts when the lock is lost or `signal` aborts; `onHeld` must
 * then stop and return. Resolves when `signal` aborts. Rejects only with what `keepOutMs` or `onError`
 * throws.
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
      pauseMs = await runWhileHeld(held, { ttlMs, signal, startedMs, monotonicMs }, onHeld).then(
        () => undefined,
        (error: unknown) => {
          onError(error);
          return keepOutMs(error);
        },
      );
      await held.release();
    }
    // The pause gives others a chance, and keeps a repeated error from becoming a busy loop.
    await sleep(pauseMs ?? usualPauseMs, undefined, { signal }).catch(() => {});
  }
}

type Term = { ttlMs: number; signal: AbortSignal; startedMs: number; monotonicMs: () => number };

async function runWhileHeld(
  held: Held,
  { ttlMs, signal, startedMs, monotonicMs }: Term,
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
        // No answer. The watchdog decides, so a short outage does not lose the lock.
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
