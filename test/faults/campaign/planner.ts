/**
 * Keeps the account contested: files more plans than fit, of all sorts and sizes, each for some seconds.
 * After a loss of the ledger it files the missing plans again under the same ids, as planners do.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { filePlan, type Plan } from '../../../src/ledger/commands/plans.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { type Random, seededRandom } from '../../../src/prices/random.ts';
import { BASE_DOLLARS, SYMBOLS } from './market.ts';

const EVERY_MS = 100;
/** Filed again once, when a ledger that was lost is there again. */
const LONGEST_LIFE_MS = 7_000;

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
    const r = () => this.#random.next();
    this.#number += 1;
    const index = Math.floor(r() * SYMBOLS.length);
    const symbol = SYMBOLS[index] as string;
    const isCrypto = symbol.endsWith('USD');
    const isTurned = !isCrypto && this.oppositeShare > 0.01 && this.#opposite.next() < this.oppositeShare;
    // Mostly a symbol is either bought or sold: the broker takes no orders against one's own.
    const side = !isCrypto && (index % 4 === 0) !== isTurned ? 'sell' : 'buy';
    // Buys around the bottoms of the waves and below, shorts around their tops and above; some are never
    // filled.
    const away = side === 'buy' ? -0.0095 + 0.0045 * r() : 0.019 + 0.0045 * r();
    const limit = (BASE_DOLLARS * (1 + away)).toFixed(2);
    const qty = isCrypto
      ? (this.#size * (12 + 40 * r())).toFixed(4)
      : String(Math.round(this.#size * (16 + 56 * r())));
    return {
      id: `${this.#name}-${this.#number}`,
      symbol,
      side,
      mode: r() < 0.08 ? 'probe' : 'normal',
      limit,
      qty,
      pnl: (r() < 0.1 ? -20 * r() : 1 + 99 * r()).toFixed(2),
      pool: isCrypto ? 'crypto' : '',
      takeProfit: r() < 0.5 ? (Number(limit) * (side === 'buy' ? 1.006 : 0.994)).toFixed(2) : '',
      startsAtMs: 0,
      expiresAtMs: Math.round(nowMs + 1_500 + (LONGEST_LIFE_MS - 1_500) * r()),
      holdMs: Math.round(300 + 1_200 * r()),
      strategy: 'campaign',
    };
  }

  async #nowMs(): Promise<number> {
    const [seconds, micros] = await this.#ledger.redis.time();
    return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
  }
}
