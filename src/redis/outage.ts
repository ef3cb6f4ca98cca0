/** Reports a lost connection in one line, and its return in another. */
import type { Redis } from 'ioredis';
import { endpointsOf } from './address.ts';
import { redisFault } from './connection-fault.ts';

export type OutageLog = {
  warn(facts: object, message: string): void;
  info(facts: object, message: string): void;
};

/**
 * `isAway`: is Redis away now? `end`: the connection is about to be closed here. That is no outage, and what
 * fails afterwards fails for that reason: `isAway` is true.
 */
export type Outage = { isAway(): boolean; end(): void };

/** Watches an open connection. */
export function watchOutage(
  redis: Redis,
  url: string,
  log: OutageLog,
  monotonicMs: () => number = () => performance.now(),
): Outage {
  const where = endpointsOf(url);
  let sinceMs: number | undefined;
  let reason: Error | undefined;
  let ended = false;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  redis.on('close', () => {
    if (ended || sinceMs !== undefined) return;
    sinceMs = monotonicMs();
    const { words } = redisFault({ url, user: redis.options.username }, reason ?? 'Connection is closed');
    log.warn({ where }, `Redis at ${where} is away: ${words}; trying again until it is back`);
  });
  redis.on('ready', () => {
    reason = undefined;
    if (sinceMs === undefined) return;
    const awayMs = Math.round(monotonicMs() - sinceMs);
    sinceMs = undefined;
    log.info({ where, awayMs }, `Redis at ${where} is back after ${(awayMs / 1_000).toFixed(1)} s`);
  });
  return {
    isAway: () => ended || sinceMs !== undefined,
    end() {
      ended = true;
    },
  };
}
