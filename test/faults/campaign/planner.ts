/**
 * Keeps the account contested: files more plans than fit, of all sorts and sizes, each for some seconds.
 * After a loss of the ledger it files the missing plans again under the same ids, as planners do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { filePlan, type Plan } from '../../../src/ledger/commands/plans.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { type Random, seededRandom } from '../../../src/prices/random.ts';
import { anyPlan } from './any-plan.ts';

const EVERY_MS = 100;

export class CampaignPlanner {
  readonly #ledger: Ledger;
  /** Of the plans that are filed: so many ask for the other side of their symbol. */
  oppositeShare = 0;
  readonly #random: Random;
  /** Apart, so that the other choices of a seed stay what they are. */
  readonly #opposite: Random;
  readonly #name: string;
  readonly #size: number;
  readonly #wanted: number;
  /** Every plan that was filed, by id. */
  readonly plans = new Map<string, Plan>();
  #number = 0;

  /**
   * @param wanted plans that are not finished, at any moment
   * @param name what their ids begin with; default: `p` and the seed
   * @param size of their quantities; default 1
   */
  constructor(
    ledger: Ledger,
    {
      seed,
      wanted,
      name = `p${seed}`,
      size = 1,
    }: { seed: number; wanted: number; name?: string; size?: number },
  ) {
    this.#size = size;
    this.#ledger = ledger;
    this.#wanted = wanted;
    this.#name = name;
    this.#random = seededRandom(seed + 17);
    this.#opposite = seededRandom(seed + 18);
  }

  /** Files until the signal aborts. While Redis is away it waits. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#round(signal).catch(() => {});
      await sleep(EVERY_MS, undefined, { signal }).catch(() => {});
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { redis, account } = this.#ledger;
    const { plans } = this;
    const nowMs = await this.#nowMs();
    const alive = [...plans.values()].filter(({ expiresAtMs }) => expiresAtMs > nowMs);
    const known = redis.pipeline();
    for (const { id } of alive) known.exists(key(account, `plan:${id}`));
    const answers = (await known.exec()) ?? [];
    for (const [at, plan] of alive.entries()) if (answers[at]?.[1] === 0) await filePlan(this.#ledger, plan);
    for (
      let missing = this.#wanted - (await redis.zcard(key(account, 'plans')));
      missing > 0 && !signal.aborted;
      missing -= 1
    ) {
      const plan = this.#next(nowMs);
      const filed = await filePlan(this.#ledger, plan);
      if (filed === 'unknown') return; // there is no account: the keeper sets it up
      plans.set(plan.id, plan);
    }
  }

  #next(nowMs: number): Plan {
    this.#number += 1;
    return anyPlan(this.#random, {
      id: `${this.#name}-${this.#number}`,
      nowMs,
      size: this.#size,
      isTurned: () => this.oppositeShare > 0.01 && this.#opposite.next() < this.oppositeShare,
    });
  }

  async #nowMs(): Promise<number> {
    const [seconds, micros] = await this.#ledger.redis.time();
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }
}
