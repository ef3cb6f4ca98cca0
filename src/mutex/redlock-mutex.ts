/**
 * Redlock as the project's mutex. Three features of redlock 5.0.0-beta.2 are not used: its retries (they go
 * on after the caller gave up), `using` (it notices a lost lock only after its expiry), and release with
 * retries (endless for a lost lock).
 */
import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import Redlock, { ExecutionError, type Lock, ResourceLockedError } from 'redlock';
import { WorkstealError } from '../domain/errors.ts';
import type { Held, Mutex } from './mutex.ts';
import { WaitingLine } from './waiting-line.ts';

export type MutexOptions = {
  /** How long `acquire` waits for a lock that others hold; default 5 s. */
  deadlineMs?: number;
  /** How long one try may take before it counts as failed; default 1 s. */
  tryMs?: number;
  /**
   * The pause between tries: half of it to one and a half of it; default 6 ms. Where more than WAIT_AT_ONCE
   * wait, it is longer by as much: a thousand hosts would otherwise keep Redis busy with their tries alone.
   */
  retryMs?: number;
  /** 0 <= x < 1, for the jitter of the pause; default: the system's random source. */
  random?: () => number;
  /** Monotonic ms; default: the process's. */
  monotonicMs?: () => number;
};

const ONCE = { retryCount: 0 };
/** A lock that lasts longer than so many ttls was taken while the server's clock was ahead. */
const MOST_TTLS = 3;
const WAIT_AT_ONCE = 16;
const LONGEST_PAUSE_MS = 1_500;
const anyFraction = (): number => randomInt(2 ** 32) / 2 ** 32;

/**
 * @param clients one connection to each server: one server, or an odd number of independent ones (an even
 *   number could tie for ever)
 * @throws WorkstealError `settings` for an even number of clients
 */
export function redlockMutex(clients: readonly Redis[], options: MutexOptions = {}): Mutex {
  const [first] = clients;
  if (first === undefined || clients.length % 2 === 0) {
    throw new WorkstealError(
      'settings',
      `the mutex needs an odd number of Redis servers, not ${clients.length}`,
    );
  }
  const {
    deadlineMs = 5_000,
    tryMs = 1_000,
    retryMs = 6,
    random = anyFraction,
    monotonicMs = () => performance.now(),
  } = options;
  const redlock = new Redlock(clients, { ...ONCE });
  let lastError = '';
  redlock.on('error', (error: Error) => {
    if (!(error instanceof ResourceLockedError)) lastError = error.message;
  });

  async function attempt(resource: string, ttlMs: number): Promise<Held | undefined> {
    const trying = redlock.acquire([resource], ttlMs, ONCE);
    const lock = await within(tryMs, trying).catch(() => undefined);
    if (lock !== undefined) return heldOn(redlock, lock, tryMs);
    // The try may only be slow: a lock that it gets later is released.
    trying.then((late) => heldOn(redlock, late, tryMs).release()).catch(() => {});
    return undefined;
  }

  /**
   * A server whose clock was ahead, and is right again, keeps a lock of that time until that time has come.
   * If its holder is dead nobody would get it. One that lives extends it long before three ttls are over.
   */
  async function bound(resource: string, ttlMs: number): Promise<void> {
    const shortened = clients.map((client) => client.pexpire(resource, MOST_TTLS * ttlMs, 'LT'));
    // Redis 6.2 has no LT, and a server may not answer: the lock then ends with its own ttl.
    await within(tryMs, Promise.allSettled(shortened)).catch(() => {});
  }

  return {
    async tryAcquire(resource, ttlMs) {
      const held = await attempt(resource, ttlMs);
      if (held === undefined) await bound(resource, ttlMs);
      return held;
    },
    async acquire(resource, ttlMs, signal) {
      const startedMs = monotonicMs();
      const line = new WaitingLine(first, resource, monotonicMs);
      lastError = '';
      try {
        while (true) {
          signal?.throwIfAborted();
          const held = await attempt(resource, ttlMs);
          if (held !== undefined) return held;
          if (monotonicMs() - startedMs >= deadlineMs) {
            await bound(resource, ttlMs);
            const why = lastError === '' ? 'others hold it' : lastError;
            throw new WorkstealError(
              'timeout',
              `the mutex ${resource} could not be acquired within ${deadlineMs} ms: ${why}`,
              { resource },
            );
          }
          const pauseMs = retryMs * Math.max(1, line.wait() / WAIT_AT_ONCE) * (0.5 + random());
          const leftMs = startedMs + deadlineMs - monotonicMs();
          await sleep(Math.min(pauseMs, LONGEST_PAUSE_MS, Math.max(0, leftMs)), undefined, {
            ...(signal !== undefined && { signal }),
          });
        }
      } finally {
        line.leave();
      }
    },
  };
}

function heldOn(redlock: Redlock, acquired: Lock, tryMs: number): Held {
  let lock = acquired;
  return {
    value: acquired.value,
    async extend(ttlMs) {
      try {
        lock = await within(tryMs, redlock.extend(lock, ttlMs, ONCE));
        return true;
      } catch (error) {
        if (await isLost(error)) return false;
        throw new WorkstealError(
          'timeout',
          `the mutex ${lock.resources.join()} could not be extended: no answer from Redis`,
          {},
          error,
        );
      }
    },
    async release() {
      await within(tryMs, redlock.release(lock, ONCE)).catch(() => {});
    },
  };
}

/** Did a server answer that the lock is free or somebody else's? No answer at all is not a loss. */
async function isLost(error: unknown): Promise<boolean> {
  if (!(error instanceof ExecutionError)) return false;
  const votes = await error.attempts.at(-1);
  return (
    votes === undefined ||
    [...votes.votesAgainst.values()].some((against) => against instanceof ResourceLockedError)
  );
}

/** The promise's value, or a rejection after limitMs, since redlock itself has no deadline. */
async function within<T>(limitMs: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new WorkstealError('timeout', `no answer within ${limitMs} ms`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
