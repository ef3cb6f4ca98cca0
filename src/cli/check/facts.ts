/**
 * The input of `worksteal check`: the answers of `status` and `audit`, and what the server reports.
 */
import { z } from 'zod';
import { WorkstealError } from '../../domain/errors.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { readValues } from '../inspect/reading.ts';

const status = z.object({
  admits: z.enum(['yes', 'halted', 'closed', 'unsynced', 'over']),
  syncedAtMs: z.number(),
  keeper: z.enum(['active', 'none']),
  outbox: z.number(),
  outboxOldestMs: z.number().nullish(),
  cancelQueuePaused: z.enum(['yes', 'no']),
  fingerprint: z.string(),
  failure: z.string().nullish(),
  hosts: z.array(z.object({ host: z.string(), role: z.string(), agrees: z.boolean() })),
  troubles: z.array(z.object({ host: z.string(), role: z.string(), why: z.string() })),
  halts: z.array(z.object({ atMs: z.number(), by: z.string().nullish(), reason: z.string().nullish() })),
  closures: z.array(z.object({ cause: z.string(), words: z.string() })),
});
const audit = z.object({ faultCount: z.number(), faults: z.array(z.string()) });
const time = z.tuple([z.coerce.number(), z.coerce.number()]);
const savePoints = z.tuple([z.literal('save'), z.string()]);

export type Status = z.infer<typeof status>;
export type Audit = z.infer<typeof audit>;

/** An answer, or why it is missing, as a sentence. */
export type Fact<T> = { value: T } | { missing: string };

export type Facts = {
  status: Fact<Status>;
  audit: Fact<Audit>;
  /** By how many ms the clock of Redis is ahead of this host's; below 0: behind. */
  clockAheadMs: Fact<number>;
  /** The text of INFO. */
  info: Fact<string>;
  /** The server's `save` setting; '' if it writes no snapshots. */
  savePoints: Fact<string>;
};

/**
 * Reads all facts; one that fails is `missing`. The clock is read first and alone: its answer would be late
 * behind an audit on the same connection.
 * @throws WorkstealError `unknown` if the ledger has no such account
 */
export async function readFacts(ledger: Ledger): Promise<Facts> {
  const { redis } = ledger;
  const clockAheadMs = await fact(async () => await readClock(ledger));
  const [standing, audited, info, points] = await Promise.all([
    fact(async () => status.parse(await readValues(ledger, { script: 'status', words: [] }))),
    fact(async () => audit.parse(await readValues(ledger, { script: 'audit', words: [] }))),
    fact(async () => await redis.info()),
    fact(async () => savePoints.parse(await redis.config('GET', 'save'))[1]),
  ]);
  return { status: standing, audit: audited, clockAheadMs, info, savePoints: points };
}

async function readClock({ redis }: Ledger): Promise<number> {
  const askedMs = Date.now();
  const [seconds, micros] = time.parse(await redis.time());
  const heardMs = Date.now();
  return seconds * 1_000 + micros / 1_000 - (askedMs + heardMs) / 2;
}

async function fact<T>(ask: () => Promise<T>): Promise<Fact<T>> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (error instanceof WorkstealError && error.code === 'unknown') throw error;
    return { missing: (error as Error).message };
  }
}
