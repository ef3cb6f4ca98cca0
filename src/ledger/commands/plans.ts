/** Plans and their leases: lua/plan-*.lua. */
import { assert } from '../../domain/errors.ts';
import type { Mode, Side } from '../../domain/order.ts';
import { assertTraded } from '../../domain/traded.ts';
import type { Ledger } from '../ledger.ts';
import { decode, type Fields, listOf } from '../reply.ts';

/**
 * A planner's request. Prices (USD), `qty` (units) and `pnl` (USD): decimal strings. Times: ledger ms, 0:
 * none.
 */
export type Plan = {
  /** `[A-Za-z0-9_-]`, at most 48 characters: order ids are built from it. */
  id: string;
  symbol: string;
  side: Side;
  mode: Mode;
  limit: string;
  qty: string;
  pnl: string;
  /** The forecasted probability that its limit trades: a decimal from 0 to 1. Default `'1'`. */
  fillProbability?: string;
  pool: string;
  /** The limit price at which a filled entry is closed; '' for never. */
  takeProfit: string;
  startsAtMs: number;
  /** When an unfilled entry is withdrawn. */
  expiresAtMs: number;
  /** After this many ms a filled position is closed at the market; 0: never. */
  holdMs: number;
  strategy: string;
};

export const STAGES = ['waiting', 'entering', 'holding', 'exiting', 'done', 'withdrawn', 'expired'] as const;
/**
 * `waiting`: no entry yet. `entering`: an entry order of this attempt may exist. `holding`: filled, no exit
 * yet. `exiting`: an exit order may exist. The last three are final.
 */
export type Stage = (typeof STAGES)[number];

/** A plan that a watcher has leased, with its progress. */
export type LeasedPlan = Plan & {
  stage: Stage;
  attempt: number;
  exitAttempt: number;
  filedAtMs: number;
  /**
   * Ledger time since which its position is held; 0 before. A change of host or a rebuild does not change it.
   */
  heldSinceMs: number;
  withdrawAsked: boolean;
  /** Ledger time at which a person asked to close it; 0: nobody did. */
  closeAskedMs: number;
  /** How often in a row the broker refused its orders, and why; '' after it began another attempt. */
  refused: number;
  pausedFor: string;
  /**
   * At the time of the claim: ms until its pause after the last refusal ends (below 0: it is over), and ms
   * until its latest attempt may begin.
   */
  pauseLeftMs: number;
  waitMs: number;
};

/**
 * The answer to `notePlan`. `waitMs`: wait this long before admitting the order of the noted attempt
 * (lua/include/paces.lua). `lost`: another host has the plan now.
 */
export type Noted = { outcome: 'noted'; waitMs: number } | { outcome: 'lost' | 'unknown' };

/** The broker refused an order of the plan: why, how long the plan pauses, and how many refusals in a row. */
export type NotedPause = { pausedFor: string; pauseMs: number; refused: number };

/**
 * Files a plan (lua/plan-file.lua).
 * @throws WorkstealError `invalid`; `contradiction` when the id belongs to another plan
 */
export async function filePlan(ledger: Ledger, plan: Plan): Promise<'filed' | 'exists' | 'unknown'> {
  assertTraded(plan.symbol);
  const args = [
    plan.id,
    plan.symbol,
    plan.side,
    plan.mode,
    plan.limit,
    plan.qty,
    plan.pnl,
    plan.pool,
    plan.takeProfit,
  ];
  const raw = await ledger.run('plan-file', [
    ...args,
    plan.startsAtMs,
    plan.expiresAtMs,
    plan.holdMs,
    plan.strategy,
    plan.fillProbability ?? '1',
  ]);
  return decode('plan-file', ['filed', 'exists', 'unknown'] as const, raw).outcome;
}

/**
 * Leases up to `limit` (1 to 500) plans that no host has, or whose host's lease has expired
 * (lua/plan-claim.lua).
 */
export async function claimPlans(
  ledger: Ledger,
  owner: string,
  leaseMs: number,
  limit: number,
): Promise<LeasedPlan[]> {
  const raw = await ledger.run('plan-claim', [owner, leaseMs, limit]);
  assert(Array.isArray(raw), 'plan-claim replied no list');
  if (raw[0] !== 'claimed') {
    decode('plan-claim', ['unknown'] as const, raw);
    return [];
  }
  return (raw[2] as string[][]).map(readPlan);
}

/**
 * Renews the leases of at most 500 plans for `leaseMs`; 0 returns the plans. Returns the ids of those that
 * this host no longer has (lua/plan-renew.lua).
 */
export async function renewPlans(
  ledger: Ledger,
  owner: string,
  leaseMs: number,
  ids: readonly string[],
): Promise<string[]> {
  const { fields } = decode(
    'plan-renew',
    ['renewed', 'unknown'] as const,
    await ledger.run('plan-renew', [owner, leaseMs, ...ids]),
  );
  return listOf(fields, 'lost');
}

/**
 * Records a plan's progress (lua/plan-note.lua). `heldSinceMs`: time of the first fill; 0 means now, or none
 * while it is entering. A higher attempt than the recorded one begins with this call.
 */
export async function notePlan(
  ledger: Ledger,
  owner: string,
  progress: {
    id: string;
    stage: Stage;
    attempt: number;
    exitAttempt: number;
    reason?: string;
    heldSinceMs?: number;
    pause?: NotedPause | undefined;
  },
): Promise<Noted> {
  const { id, stage, attempt, exitAttempt, reason = '', heldSinceMs = 0, pause } = progress;
  const { pausedFor, pauseMs, refused } = pause ?? { pausedFor: '', pauseMs: 0, refused: 0 };
  const args = [owner, id, stage, attempt, exitAttempt, reason, heldSinceMs, pausedFor, pauseMs, refused];
  const { outcome, fields } = decode(
    'plan-note',
    ['noted', 'lost', 'unknown'] as const,
    await ledger.run('plan-note', args),
  );
  return outcome === 'noted' ? { outcome, waitMs: Number(fields['wait_ms'] ?? 0) } : { outcome };
}

/** `withdrawn`: it has ended. `asked`: its watcher carries it out. `exists`: there was nothing to do. */
export type PlanStopped = 'withdrawn' | 'asked' | 'exists' | 'unknown';

/**
 * Withdraws a plan (lua/plan-withdraw.lua). `asked`: a host has it; its watcher will see `withdrawAsked` and
 * an event.
 * @param by the person who asks, such as `user@host`; '' for the planner
 */
export async function withdrawPlan(
  ledger: Ledger,
  id: string,
  reason: string,
  by = '',
): Promise<PlanStopped> {
  const raw = await ledger.run('plan-withdraw', [id, reason, by]);
  return decode('plan-withdraw', ['withdrawn', 'asked', 'exists', 'unknown'] as const, raw).outcome;
}

/**
 * Closes a plan for a person (lua/plan-close.lua): it enters no more, and its watcher closes what it holds at
 * a marketable limit. `exists`: it has ended, or was asked to close before.
 */
export async function closePlan(ledger: Ledger, id: string, by: string): Promise<PlanStopped> {
  const raw = await ledger.run('plan-close', [id, by]);
  return decode('plan-close', ['withdrawn', 'asked', 'exists', 'unknown'] as const, raw).outcome;
}

function readPlan(flat: string[]): LeasedPlan {
  const fields: Record<string, string> = {};
  for (let i = 0; i + 1 < flat.length; i += 2) fields[flat[i] as string] = flat[i + 1] as string;
  return planOf(fields);
}

/** Records of older versions have no `held_since_ms`; the time of the last note stands in for it. */
function heldSince(f: Fields): number {
  const holds = f['stage'] === 'holding' || f['stage'] === 'exiting';
  return Number(f['held_since_ms'] ?? (holds ? f['noted_at_ms'] : undefined) ?? 0);
}

/** A `plan:<id>` hash -> a plan. */
export function planOf(f: Fields): LeasedPlan {
  return {
    id: f['id'] ?? '',
    symbol: f['symbol'] ?? '',
    side: f['side'] as Side,
    mode: f['mode'] as Mode,
    limit: f['limit'] ?? '',
    qty: f['qty'] ?? '',
    pnl: f['pnl'] ?? '0',
    pool: f['pool'] ?? '',
    takeProfit: f['take_profit'] ?? '',
    startsAtMs: Number(f['starts_at_ms'] ?? 0),
    expiresAtMs: Number(f['expires_at_ms'] ?? 0),
    holdMs: Number(f['hold_ms'] ?? 0),
    strategy: f['strategy'] ?? '',
    fillProbability: f['fill_probability'] ?? '1',
    stage: (f['stage'] ?? 'waiting') as Stage,
    attempt: Number(f['attempt'] ?? 1),
    exitAttempt: Number(f['exit_attempt'] ?? 0),
    filedAtMs: Number(f['filed_at_ms'] ?? 0),
    heldSinceMs: heldSince(f),
    withdrawAsked: (f['withdraw_asked'] ?? '') !== '',
    closeAskedMs: Number(f['close_asked_ms'] ?? 0),
    refused: Number(f['refused'] ?? 0) || 0,
    pausedFor: f['paused_for'] ?? '',
    pauseLeftMs: Number(f['pause_left_ms'] ?? 0),
    waitMs: Number(f['wait_ms'] ?? 0),
  };
}
