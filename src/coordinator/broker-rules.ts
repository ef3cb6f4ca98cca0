/**
 * Finds out what the broker would refuse, before a victim is cancelled for it. The asset is requested when an
 * order of it is about to steal, and after the broker refused one. The answer is cached in this process, and
 * in the ledger for the other hosts. Without an answer in time the order proceeds; if the broker then refuses
 * it, its plan is barred from stealing (decision 15).
 */
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Broker } from '../broker/port.ts';
import type { OrderWish } from '../domain/order.ts';
import { noteAsset, readAssetNote } from '../ledger/commands/asset.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { type PriceSteps, usualPriceSteps } from '../rules/legal-price.ts';
import { type Asset, type Untakeable, whyUntakeable } from '../rules/takeable.ts';

export type BrokerRulesParts = {
  ledger: Ledger;
  broker: Broker;
  log: Pick<Logger, 'debug'>;
  requestTimeoutMs: number;
  monotonicMs: () => number;
};

/**
 * How long an asset's answer is valid. An answer that keeps an order out is valid for BAD_MS: the cause may
 * be gone.
 */
const GOOD_MS = 600_000;
const BAD_MS = 30_000;
/** How long the broker is not asked again after it gave no answer. */
const SILENT_MS = 30_000;
const SHORTING_MS = 60_000;
const SYMBOLS_LIMIT = 5_000;
/** How long a thief waits for an answer. */
const TIMEOUT_MS = 2_000;

const decimal = z.string().regex(/^\d{1,15}(\.\d{1,9})?$/);
const NOTE = z.object({
  symbol: z.string(),
  shut: z.string(),
  shortable: z.boolean(),
  priceSteps: z.array(z.object({ from: decimal, step: decimal })).max(8),
  qtyStep: decimal.nullable(),
  shortQtyStep: decimal.nullable(),
  minQty: decimal.nullable(),
  minCost: decimal.nullable(),
});

/** `asset` undefined: the broker gave no answer. */
type Known = { asset: Asset | undefined; atMs: number };

export class BrokerRules {
  readonly #parts: BrokerRulesParts;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<Asset | undefined>>();
  /** Symbols of which the broker has just refused an order: cached answers may be out of date. */
  readonly #doubtful = new Set<string>();
  #shorting: { allowed: boolean; atMs: number } | undefined;

  constructor(parts: BrokerRulesParts) {
    this.#parts = parts;
  }

  /**
   * Why the broker would refuse the entry, before it asks for room. By cached answers only, except for a
   * symbol of which an order has just been refused, or where the answer that keeps it out is an old one.
   */
  async beforeAdmission(wish: OrderWish, signal: AbortSignal): Promise<Untakeable | undefined> {
    if (wish.kind === 'exit') return undefined;
    if (this.#doubtful.has(wish.symbol)) return await this.beforeSteal(wish, signal);
    const known = this.#known.get(wish.symbol);
    if (known?.asset === undefined) return undefined;
    const why = whyUntakeable(wish, known.asset, this.#shorting?.allowed ?? true);
    // The cause may have passed: to ask is better than an order that is probably refused.
    return why === undefined || this.#age(known) <= BAD_MS ? why : await this.beforeSteal(wish, signal);
  }

  /** Why the broker would refuse the entry, before it steals; undefined if nothing is known against it. */
  async beforeSteal(wish: OrderWish, signal: AbortSignal): Promise<Untakeable | undefined> {
    if (wish.kind === 'exit') return undefined;
    const { symbol } = wish;
    const shorting = wish.side === 'sell' ? await this.#mayShort(signal) : true;
    const doubtful = this.#doubtful.has(symbol);
    const known = this.#known.get(symbol);
    const isGood = !doubtful && this.#isGood(known);
    const asset = isGood ? known.asset : await this.#find(symbol, doubtful, signal);
    const why = asset && whyUntakeable(wish, asset, shorting);
    if (why === undefined || !isGood || this.#age(known) <= BAD_MS) return why;
    const now = await this.#find(symbol, true, signal);
    return now && whyUntakeable(wish, now, shorting);
  }

  /**
   * The price steps of a symbol, from the broker or its cached answer. Without an answer within 2 s, the
   * usual ones.
   * @throws the signal's reason
   */
  async priceSteps(symbol: string, signal: AbortSignal): Promise<PriceSteps> {
    return (await this.asset(symbol, signal))?.priceSteps ?? usualPriceSteps(symbol);
  }

  /** The asset, from the broker or its cached answer. @throws the signal's reason */
  async asset(symbol: string, signal: AbortSignal): Promise<Asset | undefined> {
    const known = this.#known.get(symbol);
    return this.#isGood(known) ? known.asset : await this.#find(symbol, false, signal);
  }

  /** The broker refused an order of the symbol: its cached answer may be out of date. */
  refused(symbol: string): void {
    if (this.#doubtful.size < SYMBOLS_LIMIT) this.#doubtful.add(symbol);
  }

  #isGood(known: Known | undefined): known is Known {
    return known !== undefined && this.#age(known) <= (known.asset === undefined ? SILENT_MS : GOOD_MS);
  }

  #age({ atMs }: Known): number {
    return this.#parts.monotonicMs() - atMs;
  }

  /** One request per symbol at a time. `anew`: ask the broker even if the ledger has an answer. */
  async #find(symbol: string, anew: boolean, signal: AbortSignal): Promise<Asset | undefined> {
    let asking = this.#asking.get(symbol);
    if (asking === undefined) {
      asking = this.#learn(symbol, anew).finally(() => this.#asking.delete(symbol));
      this.#asking.set(symbol, asking);
    }
    const asset = await asking;
    signal.throwIfAborted();
    return asset;
  }

  async #learn(symbol: string, anew: boolean): Promise<Asset | undefined> {
    const told = (anew ? undefined : await this.#noted(symbol)) ?? (await this.#askBroker(symbol));
    if (this.#known.size >= SYMBOLS_LIMIT) this.#known.delete(this.#known.keys().next().value ?? '');
    this.#known.delete(symbol);
    this.#known.set(symbol, told);
    this.#doubtful.delete(symbol);
    return told.asset;
  }

  async #noted(symbol: string): Promise<Known | undefined> {
    const { ledger, monotonicMs } = this.#parts;
    const note = await readAssetNote(ledger, symbol, GOOD_MS).catch(() => undefined);
    const read = note && NOTE.safeParse(parsed(note.text));
    return read?.success ? { asset: read.data, atMs: monotonicMs() - (note?.ageMs ?? 0) } : undefined;
  }

  async #askBroker(symbol: string): Promise<Known> {
    const { ledger, broker, log, requestTimeoutMs, monotonicMs } = this.#parts;
    try {
      const answer = await broker.asset(symbol, AbortSignal.timeout(Math.min(requestTimeoutMs, TIMEOUT_MS)));
      if (answer.kind === 'found') {
        const text = JSON.stringify({ ...answer.asset, shut: answer.asset.shut.slice(0, 100) });
        await noteAsset(ledger, symbol, text).catch(() => {});
        return { asset: answer.asset, atMs: monotonicMs() };
      }
      log.debug({ symbol, message: answer.message }, `${symbol}: the broker gave no answer about the asset`);
    } catch (err) {
      log.debug({ symbol, err }, `${symbol}: the broker gave no answer about the asset`);
    }
    return { asset: undefined, atMs: monotonicMs() };
  }

  /** Whether the account may sell short; assumed when the broker gives no answer. */
  async #mayShort(signal: AbortSignal): Promise<boolean> {
    const { broker, requestTimeoutMs, monotonicMs } = this.#parts;
    if (this.#shorting !== undefined && monotonicMs() - this.#shorting.atMs <= SHORTING_MS)
      return this.#shorting.allowed;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(Math.min(requestTimeoutMs, TIMEOUT_MS))]);
    const account = await broker.account(bounded).catch(() => undefined);
    this.#shorting = { allowed: account?.shorting ?? true, atMs: monotonicMs() };
    return this.#shorting.allowed;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
