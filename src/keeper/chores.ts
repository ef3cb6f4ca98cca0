/**
 * What the keeper does each second besides: looks whether the ledger is still there, sweeps it, has the
 * outbox recovered, lets the caps follow the market's session (I1, I8, I9); and every few seconds whether its
 * sums are right (I2).
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { WorkstealError } from '../domain/errors.ts';
import { answerOf } from '../ledger/answer.ts';
import { audit } from '../ledger/commands/audit.ts';
import { close } from '../ledger/commands/closures.ts';
import { isDamaged } from '../ledger/commands/mend.ts';
import { sweep } from '../ledger/commands/sweep.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';

const EVERY_MS = 1_000;
const SWEEP_LIMIT = 500;
/** What is left after so many sweeps waits a second. */
const SWEEPS = 20;
/**
 * An audit takes Redis some 20 us an open order: 1,500 times that passes between two, within these bounds.
 */
const AUDIT_EVERY_MS = { least: 5_000, anOrder: 30, most: 60_000 };
/**
 * An audit looks at every open order in one step: of more orders than this it would take longer than others
 * should wait.
 */
const AUDIT_ORDERS = 2_000;

export type ChoresParts = {
  ledger: Ledger;
  /** Hands cancellations on record to the workers once more; sending one twice is safe. */
  recoverOutbox: (signal: AbortSignal) => Promise<unknown>;
  /** Changes the caps where the market opened or closed. */
  followSession: (signal: AbortSignal) => Promise<unknown>;
  /** The ledger was never reconciled on the server that answers now, or was found to be damaged. */
  onLost: () => void;
  monotonicMs: () => number;
  /** Each second in which something failed. */
  onFailure: (error: unknown) => void;
};

/** Resolves when the signal aborts. Never throws. */
export async function runChores(
  { ledger, recoverOutbox, followSession, onLost, monotonicMs, onFailure }: ChoresParts,
  signal: AbortSignal,
): Promise<void> {
  let auditAtMs = monotonicMs() + AUDIT_EVERY_MS.least;
  while (!signal.aborted) {
    const startedMs = monotonicMs();
    const auditing = async (): Promise<void> => {
      auditAtMs = startedMs + AUDIT_EVERY_MS.least;
      auditAtMs = startedMs + auditEveryMs(await lookForFaults(ledger, onLost));
    };
    const work = [
      ...(startedMs >= auditAtMs ? [auditing()] : []),
      look(ledger, onLost),
      sweepAll(ledger, signal),
      recoverOutbox(signal),
      followSession(signal),
    ];
    for (const result of await Promise.allSettled(work)) {
      if (result.status === 'rejected' && !signal.aborted) onFailure(result.reason);
    }
    await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
  }
}

/** How long until the next audit of a book with so many open orders. */
export function auditEveryMs(orders: number): number {
  return Math.min(AUDIT_EVERY_MS.most, Math.max(AUDIT_EVERY_MS.least, orders * AUDIT_EVERY_MS.anOrder));
}

async function look(ledger: Ledger, onLost: () => void): Promise<void> {
  const server = await ledger.serverId(true);
  const asked = ledger.redis.hmget(key(ledger.account, 'account'), 'state', 'synced_at_ms', 'server_id');
  const [state, synced, on] = await answerOf('account', asked);
  if (state === null || Number(synced ?? 0) === 0 || on !== server) onLost();
}

/**
 * A key that was deleted makes no command fail, where it is a list or an index: the audit finds it. The
 * account is closed then, and the next round rebuilds the book.
 * @returns how many orders are open
 * @throws WorkstealError `damaged`, so that it is told, `unavailable`
 */
export async function lookForFaults(ledger: Ledger, onFound: () => void): Promise<number> {
  const live = await answerOf('live', ledger.redis.scard(key(ledger.account, 'live')));
  if (live > AUDIT_ORDERS || (await isDamaged(ledger))) return live;
  const { faultCount = 0, faults = [] } = (await audit(ledger)) ?? {};
  if (faultCount === 0) return live;
  await close(ledger, 'fault', faults[0] ?? 'an audit found a fault');
  onFound();
  throw new WorkstealError('damaged', `an audit found ${faultCount} faults: ${faults.join('; ')}`);
}

async function sweepAll(ledger: Ledger, signal: AbortSignal): Promise<void> {
  for (let i = 0; i < SWEEPS && !signal.aborted; i += 1) {
    if (!(await sweep(ledger, SWEEP_LIMIT)).more) return;
  }
}
