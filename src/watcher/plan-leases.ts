/**
 * A host's leases of plans: taken in small lots, held on to, handed back; and what is known to the ledger of
 * plans in hand.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import { answerOf } from '../ledger/answer.ts';
import { claimPlans, renewPlans } from '../ledger/commands/plans.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PlanRunner } from './plan/plan-runner.ts';

/** Plans of one claim: few, so that hosts that start together share. */
const LOT = 25;
const LOT_PAUSE_MS = 10;
/** Plans of one command. */
const CHUNK = 500;

export type PlanLeasesOptions = {
  ledger: Ledger;
  host: string;
  planLeaseMs: number;
  maxPlans: number;
  log: Logger;
  carrying: PlanRunner;
  /** Other plans are in hand now. */
  onChange: () => void;
  signal: AbortSignal;
  monotonicMs: () => number;
};

export class PlanLeases {
  readonly #options: PlanLeasesOptions;
  /** Monotonic ms until which the leases surely last. */
  #endsMs = Number.POSITIVE_INFINITY;
  #isClaiming = false;
  #claimAgain = false;

  constructor(options: PlanLeasesOptions) {
    this.#options = options;
  }

  /**
   * Takes free plans, and those of dead hosts, as far as this host may carry more. One claim at a time, or
   * two would each count the same places as free: a call meanwhile lets the one that is under way look once
   * more. @throws WorkstealError `unavailable`
   */
  async claim(): Promise<void> {
    this.#claimAgain = true;
    if (this.#isClaiming) return;
    this.#isClaiming = true;
    try {
      while (this.#claimAgain) {
        this.#claimAgain = false;
        await this.#claimLots();
      }
    } finally {
      this.#isClaiming = false;
    }
  }

  async #claimLots(): Promise<void> {
    const { ledger, host, planLeaseMs, maxPlans, log, carrying, signal, onChange, monotonicMs } =
      this.#options;
    for (;;) {
      const limit = Math.min(LOT, maxPlans - carrying.size);
      if (limit <= 0 || signal.aborted) return;
      const askedMs = monotonicMs();
      const plans = await claimPlans(ledger, host, planLeaseMs, limit);
      if (plans.length === 0) return;
      this.#endsMs = Math.min(this.#endsMs, askedMs + planLeaseMs);
      if (signal.aborted) {
        const ids = plans.map(({ id }) => id);
        await renewPlans(ledger, host, 0, ids);
        return;
      }
      log.debug(
        { plans: plans.length, begun: plans.filter(({ stage }) => stage !== 'waiting').length },
        'plans leased',
      );
      carrying.take(plans);
      onChange();
      if (plans.length < limit) return;
      await sleep(LOT_PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }

  /**
   * Holds on to all plans in hand. Those that are another host's now are dropped; all of them when no renewal
   * got through in a lease's time. @throws WorkstealError `unavailable`
   */
  async renew(): Promise<void> {
    const { planLeaseMs, log, carrying, onChange, monotonicMs } = this.#options;
    const askedMs = monotonicMs();
    try {
      for (const id of await this.#inChunks(carrying.ids, planLeaseMs)) carrying.drop(id);
      this.#endsMs = askedMs + planLeaseMs;
    } catch (error) {
      if (monotonicMs() > this.#endsMs && carrying.size > 0) {
        log.warn({ plans: carrying.size }, 'the leases of all plans have ended: letting go');
        for (const id of carrying.ids) carrying.drop(id);
      }
      throw error;
    }
    onChange();
  }

  /**
   * Every lease goes back, so that other hosts go on at once. A failure is told: the leases end by
   * themselves.
   */
  async handBack(): Promise<void> {
    const { carrying, log } = this.#options;
    const { ids } = carrying;
    try {
      await this.#inChunks(ids, 0);
      log.info({ plans: ids.length }, 'stopped: plans handed back');
    } catch (error) {
      log.warn(
        { err: error, plans: ids.length },
        'stopped: the plans could not be handed back; their leases end by themselves',
      );
    }
    for (const id of ids) carrying.drop(id);
  }

  /** Of the plans in hand, those that their planner wants no more. @throws WorkstealError `unavailable` */
  async askedToWithdraw(): Promise<string[]> {
    const { ledger, carrying } = this.#options;
    const asked: string[] = [];
    for (let ids = carrying.ids; ids.length > 0; ids = ids.slice(CHUNK)) {
      const part = ids.slice(0, CHUNK);
      const pipeline = ledger.redis.pipeline();
      for (const id of part) pipeline.hget(key(ledger.account, `plan:${id}`), 'withdraw_asked');
      const answers = await answerOf('withdrawals', pipeline.exec());
      if (answers === null) throw new WorkstealError('unavailable', 'the plans could not be read');
      asked.push(...part.filter((_, at) => typeof answers[at]?.[1] === 'string' && answers[at][1] !== ''));
    }
    return asked;
  }

  async #inChunks(ids: readonly string[], leaseMs: number): Promise<string[]> {
    const { ledger, host } = this.#options;
    const lost: string[] = [];
    for (let from = 0; from < ids.length; from += CHUNK) {
      lost.push(...(await renewPlans(ledger, host, leaseMs, ids.slice(from, from + CHUNK))));
    }
    return lost;
  }
}
