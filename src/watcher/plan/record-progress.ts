/** How far a plan is, written to the ledger before anything is done about it. */
import { type NotedPause, notePlan, type Stage } from '../../ledger/commands/plans.ts';
import type { PlanContext } from './context.ts';
import { letGo, type PlanState } from './plan-state.ts';

/** How far a plan is; what is left out stays as it is. */
export type Progress = {
  stage: Stage;
  attempt?: number;
  exitAttempt?: number;
  reason?: string;
  heldSinceMs?: number;
  pause?: NotedPause | undefined;
};

/**
 * Records the next stage in the ledger, before anything is done about it. False when the plan is another
 * host's: hands off. A new attempt may have to wait for its turn: the plan is held for so long.
 */
export async function recordProgress(
  { ledger, host, log, monotonicMs }: PlanContext,
  state: PlanState,
  progress: Progress,
): Promise<boolean> {
  const { plan } = state;
  const {
    stage,
    attempt = plan.attempt,
    exitAttempt = plan.exitAttempt,
    reason = '',
    heldSinceMs = state.heldSinceMs,
    pause,
  } = progress;
  const noted = await notePlan(ledger, host, {
    id: plan.id,
    stage,
    attempt,
    exitAttempt,
    reason,
    heldSinceMs,
    pause,
  });
  if (noted.outcome !== 'noted') {
    log.info({ plan: plan.id }, `${plan.symbol}: the plan is another host's now, or has ended`);
    letGo(state);
    return false;
  }
  state.plan = { ...plan, stage, attempt, exitAttempt };
  if (noted.waitMs > 0) {
    state.pause.hold(monotonicMs() + noted.waitMs);
    const facts = { plan: plan.id, attempt, exitAttempt, waitMs: noted.waitMs };
    log.warn(
      facts,
      `${plan.symbol}: the plan began too many attempts within a minute; the next one waits for ${noted.waitMs} ms`,
    );
  }
  if (stage === 'waiting') state.heldSinceMs = 0;
  log.debug({ plan: plan.id, stage, attempt, exitAttempt, reason }, `${plan.symbol}: ${stage}`);
  return true;
}
