/** What the figures were measured on: absolute figures mean nothing without it. */
import { cpus } from 'node:os';
import type { Redis } from 'ioredis';
import { infoField } from '../src/redis/advice.ts';

/**
 * `settings`: those of Redis that figures depend on. `pinned`: Redis and its callers on cores of their own.
 */
export type Machine = {
  redis: string;
  node: string;
  cpu: string;
  cores: number;
  pinned: boolean;
  settings: string;
};

export async function describeMachine(redis: Redis, pinned: boolean): Promise<Machine> {
  const names = ['appendonly', 'save', 'io-threads', 'hash-max-listpack-entries', 'maxmemory'];
  const found = await Promise.all(names.map(async (name) => await redis.config('GET', name)));
  const settings = (found as string[][]).map(([name, value]) => `${name} ${value === '' ? '-' : value}`);
  return {
    redis: infoField(await redis.info('server'), 'redis_version') ?? 'unknown',
    node: process.version,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    pinned,
    settings: settings.join(', '),
  };
}

/** Two lines for people. */
export function machineText({ redis, node, cpu, cores, pinned, settings }: Machine): string {
  const where = pinned ? 'Redis and its callers on cores of their own' : 'on shared cores';
  return `Redis ${redis}, Node ${node}, ${cores} x ${cpu}, ${where}\n${settings}\n`;
}
