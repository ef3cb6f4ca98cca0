/**
 * What the broker would refuse is found out before anybody is cancelled for it. An asset is asked for when an
 * order of it is about to steal, or when the broker has just refused one; the answer is kept in this process
 * and, for the other hosts, in the ledger. Where the broker does not tell in time the order goes on: a
 * refusal after all bars its plan (decision 15).
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
 * How long an asset's answer is good for; where it keeps an order out, it is asked again much sooner: the
 * cause may be gone.
 */
const GOOD_MS = 600_000;
const BAD_MS = 30_000;
/** So long the broker is not asked again after it did not tell. */
const SILENT_MS = 30_000;
const SHORTING_MS = 60_000;
const SYMBOLS_LIMIT = 5_000;
/** The longest that a thief waits for an answer. */
const PATIENCE_MS = 2_000;

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

/** `asset` undefined: the broker did not tell. */
type Known = { asset: Asset | undefined; atMs: number };

export class BrokerRules {
  readonly #parts: BrokerRulesParts;
  readonly #known = new Map<string, Known>();
  readonly #asking = new Map<string, Promise<Asset | undefined>>();
  /** Of these the broker has just refused an order. */
  readonly #doubtful = new Set<string>();
  #shorting: { allowed: boolean; atMs: number } | undefined;

  constructor(parts: BrokerRulesParts) {
    this.#parts = parts;
  }

  /**
   * Before an entry asks for room: nobody is asked, but about a symbol of which an order has just been
   * refused.
   */
  async ahead(wish: OrderWish, signal: AbortSignal): Promise<Untakeable | undefined> {
    if (wish.kind === 'exit') return undefined;
    if (this.#doubtful.has(wish.symbol)) return await this.ask(wish, signal);
    const known = this.#known.get(wish.symbol);
    if (known?.asset === undefined || this.#age(known) > BAD_MS) return undefined;
    return whyUntakeable(wish, known.asset, this.#shorting?.allowed ?? true);
  }

  /** Before an entry steals. Undefined: it may, as far as the broker tells. */
  async ask(wish: OrderWish, signal: AbortSignal): Promise<Untakeable | undefined> {
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
   * The price steps of a symbol, asked for where they are not known; the usual ones where the broker does not
   * answer within 2 s.
   * @throws the signal's reason
   */
  async priceSteps(symbol: string, signal: AbortSignal): Promise<PriceSteps> {
    const known = this.#known.get(symbol);
    const asset = this.#isGood(known) ? known.asset : await this.#find(symbol, false, signal);
    return asset?.priceSteps ?? usualPriceSteps(symbol);
  }

  /** The broker refused an order of it: what is known of it may be old. */
  refused(symbol: string): void {
    if (this.#doubtful.size < SYMBOLS_LIMIT) this.#doubtful.add(symbol);
  }

  #isGood(known: Known | undefined): known is Known {
    return known !== undefined && this.#age(known) <= (known.asset === undefined ? SILENT_MS : GOOD_MS);
  }

  #age({ atMs }: Known): number {
    return this.#parts.monotonicMs() - atMs;
  }

  /** One question a symbol at a time. `anew`: what other hosts were told is not enough. */
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
      const answer = await broker.asset(symbol, AbortSignal.timeout(Math.min(requestTimeoutMs, PATIENCE_MS)));
      if (answer.kind === 'found') {
        const text = JSON.stringify({ ...answer.asset, shut: answer.asset.shut.slice(0, 100) });
        await noteAsset(ledger, symbol, text).catch(() => {});
        return { asset: answer.asset, atMs: monotonicMs() };
      }
      log.debug({ symbol, message: answer.message }, `${symbol}: the broker does not tell of the asset`);
    } catch (err) {
      log.debug({ symbol, err }, `${symbol}: the broker does not tell of the asset`);
    }
    return { asset: undefined, atMs: monotonicMs() };
  }

  /** Whether the account may sell short; where the broker does not tell, it may. */
  async #mayShort(signal: AbortSignal): Promise<boolean> {
    const { broker, requestTimeoutMs, monotonicMs } = this.#parts;
    if (this.#shorting !== undefined && monotonicMs() - this.#shorting.atMs <= SHORTING_MS)
      return this.#shorting.allowed;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(Math.min(requestTimeoutMs, PATIENCE_MS))]);
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
