/**
 * Fault injection. A count applies to the next so many cases; a rate is a probability, drawn from the
 * exchange's seed. POST /faults changes the faults in its body and keeps the others. GET /faults returns the
 * current ones.
 */
import { z } from 'zod';
import { AlpacaError } from '../alpaca-server/errors.ts';
import { isDecimal, toNanos } from '../domain/decimal.ts';
import { isSymbol, toSymbol } from '../domain/symbol.ts';
import type { Random } from '../prices/random.ts';

const count = z.int().min(0).max(1_000_000);
const rate = z.number().min(0).max(1);
const symbols = z.array(z.string().refine(isSymbol, 'is not a symbol')).max(1000);
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
  /** The next n new orders are accepted, but the connection breaks before the answer. */
  loseReplies: count,
  loseReplyRate: rate,
  /**
   * The next n new orders are accepted, but answered with `failStatus`, as after a gateway's timeout.
   */
  failReplies: count,
  /** The next n replacements are accepted, but the connection breaks before the answer. */
  loseReplaceReplies: count,
  /** The next n cancels of one order are accepted, but the connection breaks before the answer. */
  loseCancelReplies: count,
  /** The next n trading requests are answered with `failStatus` and not carried out. */
  failRequests: count,
  failStatus: z.int().min(500).max(599),
  /**
   * The next n trading requests are answered with 429 and the headers of a used-up limit, and not carried
   * out.
   */
  limitRequests: count,
  /** Delay of every answer to a trading request (real ms), after it was computed. */
  answerDelayMs: z.int().min(0).max(60_000),
  /**
   * The next n new orders and replacements that add exposure are refused for insufficient buying power, even
   * if there is enough.
   */
  refuseBuyingPower: count,
  /** Every new order and replacement is refused with this answer; null: off. */
  refuseOrders: z
    .strictObject({ status: z.int().min(400).max(499), code: z.int(), message: z.string().max(300) })
    .nullable(),
  /** These fields replace the real ones in the answers of GET /v2/account. */
  accountSays: z.strictObject({
    status: z.string().max(64).optional(),
    ...flags('trading_blocked', 'account_blocked', 'trade_suspended_by_user', 'shorting_enabled'),
    multiplier: dollars.optional(),
  }),
  /** Positions are reported as they were this long ago (real ms). */
  positionLagMs: z.int().min(0).max(60_000),
  /** The next n cancels stay in pending_cancel, until this is set to 0. */
  stickCancels: count,
  /** The next n cancels are rejected after the delay: the order is live again. */
  rejectCancels: count,
  /** Before each of the next n cancels `fillOnCancelShare` of the order fills; only the rest is canceled. */
  fillOnCancel: count,
  /** Share of the unfilled quantity; null: all of it or a random part, each in half of the cases. */
  fillOnCancelShare: z.number().gt(0).max(1).nullable(),
  /** Real ms from the DELETE to the cancel; null: the delay that the exchange was started with. */
  cancelDelayMs: z.int().min(0).max(3_600_000).nullable(),
  /** The next n fills are partial, with a random part, where a part is possible. */
  partFills: count,
  /** The next n trade updates are dropped, or sent twice. */
  dropUpdates: count,
  dropUpdateRate: rate,
  duplicateUpdates: count,
  duplicateUpdateRate: rate,
  /** The next n trade updates are sent `delayUpdateMs` (real ms) late, so out of order. */
  delayUpdates: count,
  delayUpdateRate: rate,
  delayUpdateMs: z.int().min(0).max(60_000),
  /**
   * No API keys are accepted, by requests or by new streams; requests are answered with this status. null:
   * off.
   */
  rejectKeys: z.union([z.literal(401), z.literal(403)]).nullable(),
  /** Bid and ask of these symbols are 0. */
  zeroQuotes: symbols,
  /**
   * Orders of these symbols are refused and do not fill. Live orders stay, and can be cancelled.
   */
  haltedSymbols: symbols,
  /** Orders of these symbols are refused: the asset is not active, or may not be sold short. */
  inactiveSymbols: symbols,
  unshortableSymbols: symbols,
});

/** Actions that happen once, at the request. */
const once = z.strictObject({
  /** Disconnects every stream. */
  disconnectStreams: z.boolean(),
  /** Cash is withdrawn from the account, or deposited. Cash may become negative, as with a margin loan. */
  withdrawUsd: dollars,
  depositUsd: dollars,
});

/**
 * The body of POST /faults: lasting faults, of which missing ones stay unchanged, and one-off actions.
 */
export const faultsSchema = lasting.extend(once.shape).partial();

export type FaultsInput = z.infer<typeof faultsSchema>;
export type FaultSettings = z.infer<typeof lasting>;
type CountName =
  | 'loseReplies'
  | 'failReplies'
  | 'loseReplaceReplies'
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

/** The settings of an exchange at its start. */
export const NO_FAULTS: FaultSettings = {
  loseReplies: 0,
  loseReplyRate: 0,
  failReplies: 0,
  loseReplaceReplies: 0,
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

/** Shares are in millionths. */
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

  /** Does this fault happen now? Uses up one of its count; if that is 0 its rate decides. */
  strikes(name: CountName, rateName?: RateName): boolean {
    if (this.current[name] > 0) {
      this.current = { ...this.current, [name]: this.current[name] - 1 };
      return true;
    }
    const chance = rateName ? this.current[rateName] : 0;
    return chance > 0 && this.random.next() < chance;
  }

  /** @throws AlpacaError with the status, code and message of `refuseOrders`, while that is set */
  checkOrders(): void {
    const { refuseOrders: words } = this.current;
    if (words !== null) throw new AlpacaError(words.status, words.code, words.message);
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

  /** The share of the unfilled quantity that fills just before a cancel, in millionths. */
  shareFilledOnCancel(): bigint {
    const { fillOnCancelShare } = this.current;
    const share = fillOnCancelShare ?? (this.random.next() < 0.5 ? 1 : this.random.next());
    return BigInt(Math.max(1, Math.round(share * MILLION)));
  }
}
