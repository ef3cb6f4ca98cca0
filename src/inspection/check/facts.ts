/**
 * The input of `worksteal check`: the answers of `status` and `audit`, and what the server reports.
 */
import { z } from 'zod';
import type { Ledger } from '../../ledger/ledger.ts';
import { readValues } from '../reading.ts';
import { type Fact, fact } from './finding.ts';
import { clockAheadMs, savePointsOf } from './server.ts';

const status = z.object({
  admits: z.enum(['yes', 'halted', 'closed', 'unsynced', 'over']),
  syncedAtMs: z.number(),
  keeper: z.enum(['active', 'none']),
  outbox: z.number(),
  outboxOldestMs: z.number().nullish(),
  cancelQueuePaused: z.enum(['yes', 'no']),
  fingerprint: z.string(),
  failure: z.string().nullish(),
  lossWaitMs: z.number().nullish(),
  hosts: z.array(z.object({ host: z.string(), role: z.string(), agrees: z.boolean() })),
  troubles: z.array(z.object({ host: z.string(), role: z.string(), why: z.string() })),
  halts: z.array(z.object({ atMs: z.number(), by: z.string().nullish(), reason: z.string().nullish() })),
  closures: z.array(z.object({ cause: z.string(), words: z.string() })),
  pools: z.array(z.object({ pool: z.string(), capMicros: z.number() })),
  brokerCountMicros: z.number().nullish(),
  steals: z.object({ granted: z.number(), failed: z.number() }),
});
const audit = z.object({ faultCount: z.number(), faults: z.array(z.string()) });

export type Status = z.infer<typeof status>;
export type Audit = z.infer<typeof audit>;

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

const NOT_ASKED: { missing: string } = { missing: 'it was not asked' };

/** The status without its counts of orders and plans by state: nothing here is made of them. */
const NO_COUNTS = ['1'];

/**
 * Reads all facts; one that fails is `missing`. The clock is read first and alone: its answer would be late
 * behind an audit on the same connection.
 * @param often true: what is dear is left out, the audit, which reads the whole book in one step, and what
 *   most users may not ask, the server's settings
 * @throws WorkstealError `unknown` if the ledger has no such account
 */
export async function readFacts(ledger: Ledger, often = false): Promise<Facts> {
  const { redis } = ledger;
  const ahead = await fact(() => clockAheadMs(ledger));
  const [standing, audited, info, points] = await Promise.all([
    fact(async () => status.parse(await readValues(ledger, { script: 'status', words: NO_COUNTS }))),
    often
      ? NOT_ASKED
      : fact(async () => audit.parse(await readValues(ledger, { script: 'audit', words: [] }))),
    fact(async () => await redis.info()),
    often ? NOT_ASKED : fact(() => savePointsOf(ledger)),
  ]);
  return { status: standing, audit: audited, clockAheadMs: ahead, info, savePoints: points };
}
