/**
 * Gets room for one order: admit; when it is blocked, steal, and wait for the grant. The ledger decides each
 * step (docs/architecture.md, 4 and 5).
 */
import type { Logger } from 'pino';
import { assert, WorkstealError } from '../domain/errors.ts';
import type { OrderState, OrderWish } from '../domain/order.ts';
import { assertTraded } from '../domain/traded.ts';
import { admit } from '../ledger/commands/admit.ts';
import { release, releasePlaced } from '../ledger/commands/release.ts';
import { renew } from '../ledger/commands/renew.ts';
import { readLedgerOrder } from '../ledger/commands/snapshot.ts';
import type { StealOutcome } from '../ledger/commands/steal.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { assertReconciled } from '../ledger/reconciled.ts';
import type { Fields } from '../ledger/reply.ts';
import { ofSteal } from '../ledger/traces.ts';
import { answerFacts, wishFacts } from '../tracing/facts.ts';
import { traced } from '../tracing/tracing.ts';
import type { Entered } from './answers.ts';
import type { BrokerRules } from './broker-rules.ts';
import type { Grants } from './grants.ts';
import { logSteal, orderLog } from './steal-log.ts';
import type { StealQueue } from './steal-queue.ts';

/** `lockWait`: for the mutex of steals. */
export type LatencyKind = 'admit' | 'blockedToGranted' | 'lockWait';

export type EnterParts = {
  ledger: Ledger;
  leaseMs: number;
  poolRule: string;
  grantTimeoutMs: number;
  log: Logger;
  step: (name: string) => void;
  onLatency: (kind: LatencyKind, ms: number) => void;
  monotonicMs: () => number;
  brokerRules: BrokerRules;
  steals: StealQueue;
  grants: Grants;
  /** Must not throw. */
  enqueue: (steal: string, victims: readonly string[], traceparent: string) => Promise<void>;
};

/** As `Coordinator.enter`. */
export async function enter(parts: EnterParts, wish: OrderWish, signal: AbortSignal): Promise<Entered> {
  signal.throwIfAborted();
  if (wish.kind === 'entry') assertTraded(wish.symbol);
  const { ledger, leaseMs, poolRule, step, onLatency, monotonicMs } = parts;
  const startedMs = monotonicMs();
  step('before_admit');
  const obstacle = await parts.brokerRules.beforeAdmission(wish, signal);
  const facts = wishFacts(ledger.account, wish);
  const admission = await traced(ledger.tracing, 'admit', { facts }, async (span) => {
    const answer = await admit(ledger, wish, leaseMs, obstacle, poolRule);
    span.note(answerFacts(answer));
    return answer;
  });
  const blockedAtMs = monotonicMs();
  onLatency('admit', blockedAtMs - startedMs);
  step('after_admit');
  switch (admission.outcome) {
    case 'fits':
      return { outcome: 'reserved', how: 'fits' };
    case 'exists':
      return await resume(parts, wish, admission.state, blockedAtMs, signal);
    case 'superseded':
      return admission;
    case 'blocked':
      return await stealIfTakeable(parts, wish, blockedAtMs, signal);
    default:
      return { outcome: 'refused', reason: admission.outcome, numbers: admission.numbers, wouldFight: [] };
  }
}

/** No victim is cancelled for an order that the broker would refuse. */
async function stealIfTakeable(
  parts: EnterParts,
  wish: OrderWish,
  blockedAtMs: number,
  signal: AbortSignal,
): Promise<Entered> {
  const obstacle = await parts.brokerRules.beforeSteal(wish, signal);
  if (obstacle === undefined) return await stealRoom(parts, wish, blockedAtMs, signal);
  const { ledger, leaseMs, poolRule } = parts;
  const answer = await admit(ledger, wish, leaseMs, obstacle, poolRule);
  if (answer.outcome === 'exists') return await resume(parts, wish, answer.state, blockedAtMs, signal);
  if (answer.outcome === 'superseded') return answer;
  assert(
    answer.outcome !== 'fits' && answer.outcome !== 'blocked',
    `admit answered ${answer.outcome} to what cannot be placed`,
  );
  return { outcome: 'refused', reason: answer.outcome, numbers: answer.numbers, wouldFight: [] };
}

async function stealRoom(
  parts: EnterParts,
  wish: OrderWish,
  blockedAtMs: number,
  signal: AbortSignal,
): Promise<Entered> {
  const { tracing, account } = parts.ledger;
  let traceparent = '';
  const facts = wishFacts(account, wish);
  const outcome: StealOutcome = await traced(tracing, 'steal', { facts }, async (span) => {
    traceparent = span.traceparent;
    const answer = await parts.steals.attempt(wish, signal, traceparent);
    span.note(answerFacts(answer));
    return answer;
  });
  if (outcome.outcome === 'stolen') parts.step('after_steal');
  logSteal(parts.log, wish, outcome);
  switch (outcome.outcome) {
    case 'fits':
      return { outcome: 'reserved', how: 'fits' };
    case 'exists':
      return await resume(parts, wish, outcome.state, blockedAtMs, signal);
    case 'superseded':
      return outcome;
    case 'stolen': {
      const victims = outcome.victims.map((victim) => victim.id);
      // Enqueued first: the wait begins with a read, which the cancellations need not wait for.
      const enqueued = parts.enqueue(wish.id, victims, traceparent);
      const [entered] = await Promise.all([waitForGrant(parts, wish, blockedAtMs, signal), enqueued]);
      return entered;
    }
    default:
      return {
        outcome: 'refused',
        reason: outcome.outcome,
        numbers: outcome.numbers,
        wouldFight: outcome.wouldFight,
      };
  }
}

/** The order exists: this is a retry, of this process or of one that died. Continues where the ledger is. */
async function resume(
  parts: EnterParts,
  wish: OrderWish,
  state: OrderState,
  blockedAtMs: number,
  signal: AbortSignal,
): Promise<Entered> {
  if (state === 'pending') return await waitForGrant(parts, wish, blockedAtMs, signal);
  if (state !== 'reserved') return { outcome: 'known', state };
  const { ledger, leaseMs, brokerRules } = parts;
  if ((await renew(ledger, wish.owner, leaseMs, [wish.id])).length === 0) {
    // What a steal left of an order was never asked for: the broker may not take one so small.
    const obstacle = await brokerRules.beforeSteal(wish, signal);
    if (obstacle === undefined) return { outcome: 'reserved', how: 'fits' };
    await release(ledger, wish.id, obstacle.why);
    return { outcome: 'known', state: 'cancelled' };
  }
  // It was sent, has ended, or is held by another host.
  return { outcome: 'known', state: (await readLedgerOrder(ledger, wish.id))?.state ?? state };
}

async function waitForGrant(
  parts: EnterParts,
  wish: OrderWish,
  blockedAtMs: number,
  signal: AbortSignal,
): Promise<Entered> {
  const { ledger } = parts;
  const options = { ...(await ofSteal(ledger, wish.id)), facts: wishFacts(ledger.account, wish) };
  return await traced(ledger.tracing, 'grant', options, async (span) => {
    const entered = await granted(parts, wish, blockedAtMs, signal);
    span.note(answerFacts(entered));
    return entered;
  });
}

async function granted(
  parts: EnterParts,
  wish: OrderWish,
  blockedAtMs: number,
  signal: AbortSignal,
): Promise<Entered> {
  const { ledger, grants, grantTimeoutMs, onLatency, step, log, monotonicMs } = parts;
  const waited = await grants.wait(wish, grantTimeoutMs, signal).catch(async (error: unknown) => {
    // The thief gives up: what its victims free later is free for all (I5).
    await releasePlaced(ledger, wish.id, 'gave_up').catch(() => {});
    if (signal.aborted || !(error instanceof WorkstealError && error.code === 'timeout')) throw error;
    return 'late' as const;
  });
  const blockedMs = monotonicMs() - blockedAtMs;
  if (waited === 'late') {
    await assertReconciled(ledger, wish.id);
    return stealFailed(parts, wish, { reason: 'late', blocked_ms: String(Math.round(blockedMs)) });
  }
  if (waited === undefined)
    throw new WorkstealError(
      'unknown',
      `${wish.id}: the ledger lost the order while it waited for its grant`,
      {
        order: wish.id,
      },
    );
  if (waited === 'granted' || (waited.state === 'reserved' && waited.sentAtMs === 0)) {
    step('after_grant');
    onLatency('blockedToGranted', blockedMs);
    orderLog(log, wish, wish.id).info({ blockedMs: Math.round(blockedMs) }, `${wish.symbol}: granted`);
    return { outcome: 'reserved', how: 'stolen', blockedMs };
  }
  if (waited.state === 'rejected' || waited.state === 'expired') {
    await assertReconciled(ledger, wish.id);
    return stealFailed(parts, wish, {
      state: waited.state,
      reason: waited.reason,
      need_micros: String(waited.needMicros),
    });
  }
  return { outcome: 'known', state: waited.state };
}

function stealFailed({ log }: EnterParts, wish: OrderWish, numbers: Fields): Entered {
  orderLog(log, wish, wish.id).info(numbers, `${wish.symbol}: its steal failed`);
  return { outcome: 'refused', reason: 'steal_failed', numbers, wouldFight: [] };
}
