/**
 * What the keeper does each second besides: looks whether the ledger is still there, sweeps it, has the outbox recovered, lets the
 * caps follow the market's session (I1, I8, I9).
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { answerOf } from '../ledger/answer.ts';
import { sweep } from '../ledger/commands/sweep.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

const EVERY_MS = 1_000;
const SWEEP_LIMIT = 500;
/** What is left after so many sweeps waits a second. */
const SWEEPS = 20;

export type ChoresParts = {
  ledger: Ledger;
  /** Hands cancellations on record to the workers once more; sending one twice is safe. */
  recoverOutbox: (signal: AbortSignal) => Promise<unknown>;
  /** Changes the caps where the market opened or closed. */
  followSession: (signal: AbortSignal) => Promise<unknown>;
  /** The ledger was never reconciled on the server that answers now. */
  onLost: () => void;
  /** Each second in which something failed. */
  onFailure: (error: unknown) => void;
};

/** Resolves when the signal aborts. Never throws. */
export async function runChores(
  { ledger, recoverOutbox, followSession, onLost, onFailure }: ChoresParts,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const work = [look(ledger, onLost), sweepAll(ledger, signal), recoverOutbox(signal), followSession(signal)];
    for (const result of await Promise.allSettled(work)) {
      if (result.status === 'rejected' && !signal.aborted) onFailure(result.reason);
    }
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

async function look(ledger: Ledger, onLost: () => void): Promise<void> {
  const server = await ledger.serverId(true);
  const asked = ledger.redis.hmget(key(ledger.account, 'account'), 'state', 'synced_at_ms', 'server_id');
  const [state, synced, on] = await answerOf('account', asked);
  if (state === null || synced === null || on !== server) onLost();
}

async function sweepAll(ledger: Ledger, signal: AbortSignal): Promise<void> {
  for (let i = 0; i < SWEEPS && !signal.aborted; i += 1) {
    if (!(await sweep(ledger, SWEEP_LIMIT)).more) return;
  }
}
