/**
 * The keeper's periodic steps. Each second: check that the ledger was not lost, sweep it, recover the outbox,
 * and adjust the caps to the market's session (I1, I8, I9). Less often: audit its sums (I2).
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
import { AUDIT_MOST, readAuditLoad } from './audit-load.ts';

const EVERY_MS = 1_000;
const SWEEP_LIMIT = 500;
/** Sweeps per second at most. */
const SWEEPS = 20;
/**
 * An audit takes Redis about 20 us per open order, or what costs as much (audit-load). The interval is 1,500
 * times that, within these bounds, in ms.
 */
const AUDIT_EVERY_MS = { least: 5_000, anOrder: 30, most: 60_000 };

export type ChoresParts = {
  ledger: Ledger;
  /** Enqueues the recorded cancellations again; to enqueue one twice is safe. */
  recoverOutbox: (signal: AbortSignal) => Promise<unknown>;
  /** Changes the caps when the market opens or closes. */
  followSession: (signal: AbortSignal) => Promise<unknown>;
  /** The ledger was never reconciled on the current Redis server, or is damaged. */
  onLost: () => void;
  monotonicMs: () => number;
  /** Called for each failed step. */
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
      checkKept(ledger, onLost),
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

/** ms until the next audit, by what it reads (auditLoad). */
export function auditEveryMs(load: number): number {
  return Math.min(AUDIT_EVERY_MS.most, Math.max(AUDIT_EVERY_MS.least, load * AUDIT_EVERY_MS.anOrder));
}

async function checkKept(ledger: Ledger, onLost: () => void): Promise<void> {
  const server = await ledger.serverId(true);
  const asked = ledger.redis.hmget(key(ledger.account, 'account'), 'state', 'synced_at_ms', 'server_id');
  const [state, synced, on] = await answerOf('account', asked);
  if (state === null || Number(synced ?? 0) === 0 || on !== server) onLost();
}

/**
 * What steals came to and the index of plans by symbol decide nothing, so a fault of these closes nothing
 * (lua/include/watched-audit.lua, plan-symbols-audit.lua).
 */
const MATTERS = (fault: string): boolean => !/^(regret|plan_symbols): /.test(fault);

/**
 * Audits the ledger. A deleted list or index makes no command fail, so only an audit finds it. The account is
 * then closed, and the next round rebuilds the book.
 * @returns what an audit reads (auditLoad)
 * @throws WorkstealError `damaged` after it found a fault; `unavailable`
 */
export async function lookForFaults(ledger: Ledger, onFound: () => void): Promise<number> {
  const load = await readAuditLoad(ledger);
  if (load > AUDIT_MOST || (await isDamaged(ledger))) return load;
  // The audit names those that matter first, and at most fifty.
  const faults = ((await audit(ledger))?.faults ?? []).filter(MATTERS);
  if (faults.length === 0) return load;
  await close(ledger, 'fault', faults[0] ?? 'an audit found a fault in the ledger');
  onFound();
  throw new WorkstealError(
    'damaged',
    `an audit of the ledger found ${faults.length} faults; it will be rebuilt: ${faults.join('; ')}`,
  );
}

async function sweepAll(ledger: Ledger, signal: AbortSignal): Promise<void> {
  for (let i = 0; i < SWEEPS && !signal.aborted; i += 1) {
    if (!(await sweep(ledger, SWEEP_LIMIT)).more) return;
  }
}
