/**
 * Faults on demand. Counts are used up one by one, rates are drawn from the exchange's seed; POST /faults
 * sets what it names and leaves the rest, GET /faults tells what is left.
 */
import { z } from 'zod';
import { isDecimal, toNanos } from '../domain/decimal.ts';
import { isSymbol, toSymbol } from '../domain/symbol.ts';
import type { Random } from '../prices/random.ts';
import { ExchangeRefusal } from './refusals.ts';

const count = z.int().min(0).max(1_000_000);
const rate = z.number().min(0).max(1);
const symbols = z.array(z.string().refine(isSymbol, 'is no symbol')).max(1000);
const dollars = z
  .string()
  .max(30)
  .refine((text) => isDecimal(text) && toNanos(text) > 0n, 'must be a decimal above 0');

const flags = <Name extends string>(...names: Name[]) => {
  return Object.fromEntries(names.map((name) => [name, z.boolean().optional()])) as Record<
    Name,
    z.ZodOptional<z.ZodBoolean>
  >;
};

const lasting = z.strictObject({
  /** The next so many new orders are accepted, but the connection breaks before the answer. */
  loseReplies: count,
  loseReplyRate: rate,
  /**
   * The next so many new orders are accepted, and answered with `failStatus`, as by a gateway that gave up
   * waiting.
   */
  failReplies: count,
  /** The next so many cancels of one order are taken, but the connection breaks before the answer. */
  loseCancelReplies: count,
  /** The next so many trading requests are answered with `failStatus` and not carried out. */
  failRequests: count,
  failStatus: z.int().min(500).max(599),
  /**
   * The next so many trading requests are answered with 429, the headers of a used up budget, and not carried
   * out.
   */
  limitRequests: count,
  /** Every answer to a trading request comes so much later (real ms) than what it tells. */
  answerDelayMs: z.int().min(0).max(60_000),
  /**
   * The next so many new orders and replacements that add exposure are refused for want of buying power,
   * whatever there is of it.
   */
  refuseBuyingPower: count,
  /**
   * Every new order and replacement is refused with these words, whoever sends it and whatever it is; null:
   * none is.
   */
  refuseOrders: z
    .strictObject({ status: z.int().min(400).max(499), code: z.int(), message: z.string().max(300) })
    .nullable(),
  /** What GET /v2/account says instead of what is so. */
  accountSays: z.strictObject({
    status: z.string().max(64).optional(),
    ...flags('trading_blocked', 'account_blocked', 'trade_suspended_by_user', 'shorting_enabled'),
    multiplier: dollars.optional(),
  }),
  /** Positions are told as they were so long ago (real ms). */
  positionLagMs: z.int().min(0).max(60_000),
  /** The next so many cancels stay in pending_cancel, until this is set to 0. */
  stickCancels: count,
  /** The next so many cancels are given up after the delay: the order is live again. */
  rejectCancels: count,
  /**
   * The next so many cancels are overtaken by a fill of `fillOnCancelShare` of what is unfilled; what is left
   * of it is canceled.
   */
  fillOnCancel: count,
  /** Of what is unfilled; null: all of it or, as often, a part by chance. */
  fillOnCancelShare: z.number().gt(0).max(1).nullable(),
  /** Real ms from the DELETE to the cancel; null: as started. */
  cancelDelayMs: z.int().min(0).max(3_600_000).nullable(),
  /** The next so many fills are of a part by chance, where a part is possible. */
  partFills: count,
  /** The next so many trade updates are not sent to anyone, or sent twice. */
  dropUpdates: count,
  dropUpdateRate: rate,
  duplicateUpdates: count,
  duplicateUpdateRate: rate,
  /** The next so many trade updates are sent `delayUpdateMs` (real ms) late, after others that came later. */
  delayUpdates: count,
  delayUpdateRate: rate,
  delayUpdateMs: z.int().min(0).max(60_000),
  /**
   * No keys are accepted any more, by requests or by new streams: answered with this status; null: they are.
   */
  rejectKeys: z.union([z.literal(401), z.literal(403)]).nullable(),
  /** Quotes of these symbols say 0. */
  zeroQuotes: symbols,
  /**
   * Nothing of these symbols fills and no order of them is taken; what is live stays, and can be cancelled.
   */
  haltedSymbols: symbols,
  /** No order of these symbols is taken: they are not active, or may not be sold short. */
  inactiveSymbols: symbols,
  unshortableSymbols: symbols,
});

/** What is done once, at the request. */
const once = z.strictObject({
  /** Every stream is cut. */
  disconnectStreams: z.boolean(),
  /** Cash is taken from the account, or paid in; it may end below 0, as with a margin loan. */
  withdrawUsd: dollars,
  depositUsd: dollars,
});

/**
 * What POST /faults takes: lasting faults, each staying as it was where it isn't named, and what is done at
 * once.
 */
export const faultsSchema = lasting.extend(once.shape).partial();

export type FaultsInput = z.infer<typeof faultsSchema>;
export type FaultSettings = z.infer<typeof lasting>;
type CountName =
  | 'loseReplies'
  | 'failReplies'
  | 'loseCancelReplies'
  | 'failRequests'
  | 'limitRequests'
  | 'refuseBuyingPower'
  | 'stickCancels'
  | 'rejectCancels'
  | 'fillOnCancel'
  | 'partFills'
  | 'dropUpdates'
  | 'duplicateUpdates'
  | 'delayUpdates';
type RateName = 'loseReplyRate' | 'dropUpdateRate' | 'duplicateUpdateRate' | 'delayUpdateRate';

/** What an exchange starts with. */
export const NO_FAULTS: FaultSettings = {
  loseReplies: 0,
  loseReplyRate: 0,
  failReplies: 0,
  loseCancelReplies: 0,
  failRequests: 0,
  failStatus: 500,
  limitRequests: 0,
  answerDelayMs: 0,
  refuseBuyingPower: 0,
  refuseOrders: null,
  accountSays: {},
  positionLagMs: 0,
  stickCancels: 0,
  rejectCancels: 0,
  fillOnCancel: 0,
  fillOnCancelShare: null,
  cancelDelayMs: null,
  partFills: 0,
  dropUpdates: 0,
  dropUpdateRate: 0,
  duplicateUpdates: 0,
  duplicateUpdateRate: 0,
  delayUpdates: 0,
  delayUpdateRate: 0,
  delayUpdateMs: 20,
  rejectKeys: null,
  zeroQuotes: [],
  haltedSymbols: [],
  inactiveSymbols: [],
  unshortableSymbols: [],
};

/** Shares by chance are of so many parts. */
const MILLION = 1_000_000;

export class Faults {
  private readonly random: Random;
  private current: FaultSettings = NO_FAULTS;

  constructor(random: Random) {
    this.random = random;
  }

  set(input: FaultsInput): void {
    const given = Object.entries(input).filter(([name, value]) => name in NO_FAULTS && value !== undefined);
    this.current = { ...this.current, ...Object.fromEntries(given) };
  }

  settings(): FaultSettings {
    return this.current;
  }

  /** Does it strike now? Uses up one of the count; where that is 0 the rate decides. */
  strikes(name: CountName, rateName?: RateName): boolean {
    if (this.current[name] > 0) {
      this.current = { ...this.current, [name]: this.current[name] - 1 };
      return true;
    }
    const chance = rateName ? this.current[rateName] : 0;
    return chance > 0 && this.random.next() < chance;
  }

  /** @throws ExchangeRefusal while orders are refused, in the words that were set */
  checkOrders(): void {
    const { refuseOrders: words } = this.current;
    if (words !== null) throw new ExchangeRefusal(words.status, words.code, words.message);
  }

  halted(symbol: string): boolean {
    return this.names('haltedSymbols', symbol);
  }

  inactive(symbol: string): boolean {
    return this.names('inactiveSymbols', symbol);
  }

  shortable(symbol: string): boolean {
    return !this.names('unshortableSymbols', symbol);
  }

  private names(list: 'haltedSymbols' | 'inactiveSymbols' | 'unshortableSymbols', symbol: string): boolean {
    return this.current[list].some((name) => toSymbol(name) === symbol);
  }

  /** How much of what is unfilled a fill takes that overtakes a cancel, in millionths. */
  shareFilledOnCancel(): bigint {
    const { fillOnCancelShare } = this.current;
    const share = fillOnCancelShare ?? (this.random.next() < 0.5 ? 1 : this.random.next());
    return BigInt(Math.max(1, Math.round(share * MILLION)));
  }
}
