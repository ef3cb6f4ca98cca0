/** A host's leases of plans: claimed in small lots, renewed, handed back. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { WorkstealError } from '../domain/errors.ts';
import { answerOf } from '../ledger/answer.ts';
import { claimPlans, renewPlans } from '../ledger/commands/plans.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { PlanRunner } from './plan/plan-runner.ts';

/** Plans per claim: few, so that hosts that start together share them; then as many as it has, up to many. */
const LOT = 25;
const LARGE_LOT = 250;
const LOT_PAUSE_MS = 5;
/** Plans per command. */
const CHUNK = 500;

export type PlanLeasesOptions = {
  ledger: Ledger;
  host: string;
  planLeaseMs: number;
  maxPlans: number;
  log: Logger;
  runner: PlanRunner;
  /** The host holds other plans now. */
  onChange: () => void;
  signal: AbortSignal;
  monotonicMs: () => number;
};

export class PlanLeases {
  readonly #options: PlanLeasesOptions;
  /** Monotonic ms until which the leases certainly last. */
  #endsMs = Number.POSITIVE_INFINITY;
  #isClaiming = false;
  #claimAgain = false;

  constructor(options: PlanLeasesOptions) {
    this.#options = options;
  }

  /**
   * Claims free plans and those of dead hosts, up to `maxPlans`. One claim runs at a time, or two would
   * exceed the limit; a call during a claim makes it try once more.
   * @throws WorkstealError `unavailable`
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
      this.#options.runner.letRun();
    }
  }

  async #claimLots(): Promise<void> {
    const { ledger, host, planLeaseMs, maxPlans, log, runner, signal, onChange, monotonicMs } = this.#options;
    for (;;) {
      const limit = Math.min(Math.max(LOT, runner.size), LARGE_LOT, maxPlans - runner.size);
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
      runner.take(plans);
      onChange();
      if (plans.length < limit) return;
      // What thousands of plans ask the ledger first would keep the claims behind it waiting.
      runner.hold();
      await sleep(LOT_PAUSE_MS, undefined, { signal }).catch(() => {});
    }
  }

  /**
   * Renews the leases of all plans. Drops plans that another host holds now; drops all plans when no renewal
   * succeeded for a whole lease.
   * @throws WorkstealError `unavailable`
   */
  async renew(): Promise<void> {
    const { planLeaseMs, log, runner, onChange, monotonicMs } = this.#options;
    const askedMs = monotonicMs();
    try {
      for (const id of await this.#inChunks(runner.ids, planLeaseMs)) runner.drop(id);
      this.#endsMs = askedMs + planLeaseMs;
    } catch (error) {
      if (monotonicMs() > this.#endsMs && runner.size > 0) {
        log.warn({ plans: runner.size }, 'no lease could be renewed in time: letting go of all plans');
        for (const id of runner.ids) runner.drop(id);
      }
      throw error;
    }
    onChange();
  }

  /** Ends every lease, so that other hosts continue at once. A failure is logged; the leases then run out. */
  async handBack(): Promise<void> {
    const { runner, log } = this.#options;
    const { ids } = runner;
    try {
      await this.#inChunks(ids, 0);
      log.info({ plans: ids.length }, 'stopped: plans handed back');
    } catch (error) {
      log.warn(
        { err: error, plans: ids.length },
        'stopped: the plans could not be handed back; other hosts take them when their leases run out',
      );
    }
    for (const id of ids) runner.drop(id);
  }

  /**
   * The plans that somebody asked to withdraw, and those that a person asked to close, with the ledger time
   * of the request.
   * @throws WorkstealError `unavailable`
   */
  async askedToEnd(): Promise<{ withdrawn: string[]; closed: { id: string; askedMs: number }[] }> {
    const { ledger, runner } = this.#options;
    const asked: { withdrawn: string[]; closed: { id: string; askedMs: number }[] } = {
      withdrawn: [],
      closed: [],
    };
    for (let ids = runner.ids; ids.length > 0; ids = ids.slice(CHUNK)) {
      const part = ids.slice(0, CHUNK);
      const pipeline = ledger.redis.pipeline();
      for (const id of part)
        pipeline.hmget(key(ledger.account, `plan:${id}`), 'withdraw_asked', 'close_asked_ms');
      const answers = await answerOf('withdrawals', pipeline.exec());
      if (answers === null)
        throw new WorkstealError('unavailable', 'the withdrawals of plans could not be read from Redis');
      for (const [at, id] of part.entries()) {
        const [withdraw, close] = (answers[at]?.[1] ?? []) as (string | null)[];
        if (withdraw) asked.withdrawn.push(id);
        if (Number(close ?? 0) > 0) asked.closed.push({ id, askedMs: Number(close) });
      }
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
