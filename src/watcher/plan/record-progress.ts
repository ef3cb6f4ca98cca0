/** A plan's progress, written to the ledger before the action that it describes. */
import { type NotedPause, notePlan, type Stage } from '../../ledger/commands/plans.ts';
import type { PlanContext } from './context.ts';
import { letGo, type PlanState } from './plan-state.ts';

/** Fields that are left out keep their values. */
export type Progress = {
  stage: Stage;
  attempt?: number;
  exitAttempt?: number;
  reason?: string;
  heldSinceMs?: number;
  pause?: NotedPause | undefined;
};

/**
 * Records the next stage in the ledger. A new attempt may have to wait for its turn (lua/include/paces.lua):
 * then a backoff begins.
 * @returns false when another host holds the plan, or it has ended: no further action
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
    log.info({ plan: plan.id }, `${plan.symbol}: the plan has ended, or another host holds it; letting go`);
    letGo(state);
    return false;
  }
  state.plan = { ...plan, stage, attempt, exitAttempt };
  if (noted.waitMs > 0) {
    state.pause.hold(monotonicMs() + noted.waitMs);
    const facts = { plan: plan.id, attempt, exitAttempt, waitMs: noted.waitMs };
    log.warn(
      facts,
      `${plan.symbol}: the plan began too many attempts within a minute; ` +
        `the next one begins in ${noted.waitMs} ms`,
    );
  }
  if (stage === 'waiting') state.heldSinceMs = 0;
  log.debug({ plan: plan.id, stage, attempt, exitAttempt, reason }, `${plan.symbol}: ${stage}`);
  return true;
}
