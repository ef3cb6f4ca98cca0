/** Reports a lost connection in one line, and its return in another. */
import type { Redis } from 'ioredis';
import { endpointsOf } from './address.ts';
import { redisFault } from './connection-fault.ts';

export type OutageLog = {
  warn(facts: object, message: string): void;
  info(facts: object, message: string): void;
};

/**
 * Watches an open connection.
 * @returns a function that says whether Redis is away now
 */
export function watchOutage(
  redis: Redis,
  url: string,
  log: OutageLog,
  monotonicMs: () => number = () => performance.now(),
): () => boolean {
  const where = endpointsOf(url);
  let sinceMs: number | undefined;
  let reason: Error | undefined;
  redis.on('error', (error: Error) => {
    reason = error;
  });
  redis.on('close', () => {
    if (sinceMs !== undefined) return;
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
  return () => sinceMs !== undefined;
}
