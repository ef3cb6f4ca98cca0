/**
 * What the rest of the system asks of a brokerage. An answer is confirmed, refused or unknown; unknown is
 * never an end (I4): who gets it keeps the order as it is and asks again. test/broker/conformance holds each
 * adapter against these promises.
 */
import type { Micros } from '../domain/money.ts';
import type { FinalState, Side } from '../domain/order.ts';
import type { BrokerDay } from '../rules/broker-calendar.ts';
import type { Asset } from '../rules/takeable.ts';

/** An order as the broker tells it. Prices and quantities are decimal strings. */
export type BrokerOrder = {
  /** The client order id: the same id as in the ledger. */
  id: string;
  brokerId: string;
  symbol: string;
  side: Side;
  /**
   * In dollars a unit of the quantity (an option contract: 100 times its premium). Null for an order without
   * a limit (placed by hand).
   */
  limit: string | null;
  qty: string;
  filledQty: string;
  /** Null while nothing is filled. */
  filledAvgPrice: string | null;
  /**
   * `live`: it can still fill or holds buying power, whatever its status is called; unknown statuses are
   * live.
   */
  state: 'live' | FinalState;
  /** The broker's own word for it (`new`, `accepted`, …): for logs and messages, never for a decision. */
  status: string;
  /** A live order: the broker has accepted its cancellation and has not carried it out yet. */
  cancelRequested?: true;
  /** A live order: the broker has accepted a change, and another order is to take its place. */
  replaceRequested?: true;
  /**
   * A live order that the broker holds back until another order of its group has filled or ended: it holds
   * no units of a position yet.
   */
  heldBack?: true;
  /** It ended because another order takes its place (`replacedBy`, once the broker says which). */
  replaced?: true;
  /**
   * The broker's ids of the order that this one replaces, and of the one that replaces it; absent for none
   * (src/broker/succession.ts).
   */
  replaces?: string;
  replacedBy?: string;
  /**
   * In dollars a unit, as `limit`. Only on an order by hand that waits for a price: it fills there, or at the
   * market behind it.
   */
  stop?: string;
  /**
   * What the broker says that it does to a position; absent: judged by what is held. A leg that closes what
   * its parent opens counts nothing.
   */
  effect?: 'opens' | 'closes';
  /** `limit`, `stop` and `filledAvgPrice` are in this currency a unit, not in dollars (ETH/BTC by hand). */
  currency?: string;
  /** Why it may count less than it should. */
  doubt?: string;
  /**
   * When it was filled last, or ended with a part filled: ms of the broker's clock. Absent where nothing is,
   * or the broker does not tell.
   */
  filledAtMs?: number;
  /**
   * Only on an order placed by hand for an amount instead of a quantity: that amount. Without a limit, its
   * `qty` is what filled.
   */
  notionalMicros?: Micros;
};

export type BrokerAccount = {
  /**
   * Which account the keys are of, as the broker numbers it; '' where it does not tell. 1 to 64 of A-Z, a-z,
   * 0-9, _ and -.
   */
  number: string;
  equityMicros: Micros;
  buyingPowerMicros: Micros;
  cashBuyingPowerMicros: Micros;
  /** Why the account takes no orders, in the broker's words; '' while it takes them. */
  shut: string;
  /** May positions be sold short? */
  shorting: boolean;
  /** Buying power over equity as the broker grants it, a decimal; null where it does not tell. */
  multiplier: string | null;
};

/**
 * `qty` is signed (a short position is negative); `costMicros` is what was paid, unsigned, rounded up.
 * `availableQty`: units of it that no order holds, unsigned; left out where the broker does not tell.
 */
export type BrokerPosition = {
  symbol: string;
  qty: string;
  availableQty?: string;
  costMicros: Micros;
  avgEntryPrice: string;
  assetClass: 'stock' | 'crypto';
};

/**
 * An order or a position at the broker that worksteal doesn't count, or not surely in full: in a unit, a form
 * or of a kind that it doesn't know. `id` is the client order id, else the broker's, '' for a position;
 * `symbol` as the broker spells it, '' where it has none.
 */
export type Oddity = {
  what: 'order' | 'position';
  id: string;
  brokerId: string;
  symbol: string;
  /** Why, as the rest of a sentence that begins with the order or position. */
  why: string;
  /** False: it counts nothing. */
  counts: boolean;
  /** An order that is over holds nothing any more. */
  isLive: boolean;
};

/**
 * A limit order. The adapter chooses the rest of what the broker wants to know, such as the time in force: the
 * order is to rest as long as the broker lets one of its kind rest, over night and weekend only where its
 * market trades then. One that the broker ends by itself, such as at the close, is `expired`.
 */
export type OrderRequest = {
  id: string;
  symbol: string;
  side: Side;
  limit: string;
  qty: string;
};

/**
 * What a refused order is about; also the reason on record of the order that it ended.
 *
 * - `account`: the account takes no orders at all, whatever they are. `keys`: the keys are not accepted.
 * - `buying_power`: the broker has no room for it. `held`: what it sells is not there, or other orders hold
 *   it.
 * - `opposite`: an order of the symbol's other side is in its way. `short`: it may not be sold short.
 * - `price_step`, `minimum`, `not_tradable`: its price has too many decimals, it is too small, its symbol is
 *   not traded (now).
 * - `duplicate`: its id stands for another order. `rate_limited`: too many requests.
 * - `not_sent`: nothing of it left this process. `order`: anything else that is wrong with it.
 */
export const REFUSAL_KINDS = [
  ...([
    'account',
    'keys',
    'buying_power',
    'held',
    'opposite',
    'short',
    'price_step',
    'minimum',
    'not_tradable',
  ] as const),
  ...(['duplicate', 'rate_limited', 'not_sent', 'order'] as const),
] as const;

export type RefusalKind = (typeof REFUSAL_KINDS)[number];

export type SubmitAnswer =
  /** It exists at the broker, newly made or made before under this id. */
  | { kind: 'confirmed'; order: BrokerOrder }
  | { kind: 'refused'; why: RefusalKind; message: string }
  | { kind: 'unknown'; message: string };

/** What the broker says of a symbol; of one that it does not know, that it is shut. */
export type AssetAnswer = { kind: 'found'; asset: Asset } | { kind: 'unknown'; message: string };

export type CancelAnswer =
  /** Only a request was accepted (204); the order is live until the broker says otherwise. */
  | { kind: 'accepted' }
  /** It had ended before: ask for the order to learn how. */
  | { kind: 'ended' }
  | { kind: 'not_found' }
  | { kind: 'unknown'; message: string };

/** `nowMs`: the broker's clock as it answered, to the second. */
export type OrderAnswer =
  | { kind: 'found'; order: BrokerOrder; nowMs?: number }
  | { kind: 'not_found' }
  | { kind: 'unknown'; message: string };

/** A trade update. `connected` comes after every (re)connect: nothing is replayed, so reconcile then. */
export type TradeUpdate =
  | { kind: 'order'; event: string; order: BrokerOrder }
  /** An update of an order that can't be read: ask what is there. */
  | { kind: 'odd'; event: string; oddity: Oddity }
  | { kind: 'connected' }
  | { kind: 'disconnected'; message: string };

/** A price as the broker's market data tells it; `ageMs` is how old it was when it arrived. */
export type BrokerQuote = { symbol: string; price: string; ageMs: number };

/**
 * `signal` bounds every wait. What throws is a WorkstealError `unclear` (retriable), `refused`, or `keys`.
 */
export interface Broker {
  account(signal?: AbortSignal): Promise<BrokerAccount>;
  /** Each is read alone: one that can't be is told to `onOdd` and left out. */
  positions(signal?: AbortSignal, onOdd?: (oddity: Oddity) => void): Promise<BrokerPosition[]>;
  /** Every live order, all pages; `onOdd` as above, also told of those listed with a `doubt`. */
  openOrders(signal?: AbortSignal, onOdd?: (oddity: Oddity) => void): Promise<BrokerOrder[]>;
  /**
   * The ids of the orders that were submitted last and have ended since, newest first; bounded to some
   * thousands.
   */
  endedOrders(signal?: AbortSignal): Promise<Pick<BrokerOrder, 'id' | 'brokerId'>[]>;
  /** One order by its client order id. */
  order(id: string, signal?: AbortSignal): Promise<OrderAnswer>;
  /** One order by the broker's id of it. */
  orderByBrokerId(brokerId: string, signal?: AbortSignal): Promise<OrderAnswer>;
  /**
   * Never sends twice by itself: a lost reply is `unknown`, a duplicate id is `confirmed` with the existing
   * order. `mayLeave` is asked in the turn in which the bytes leave this process; where it says no the answer
   * is `refused`, `not_sent`.
   */
  submit(request: OrderRequest, signal?: AbortSignal, mayLeave?: () => boolean): Promise<SubmitAnswer>;
  /** By the broker's id. */
  cancel(brokerId: string, signal?: AbortSignal): Promise<CancelAnswer>;
  /** What is traded under the symbol, and how: steps, minimums, whether at all. */
  asset(symbol: string, signal?: AbortSignal): Promise<AssetAnswer>;
  /**
   * Latest prices of these symbols; a symbol without a usable price (no bid or ask, crossed, too far apart)
   * is left out, and `onUnpriced` is told why.
   */
  quotes(
    symbols: readonly string[],
    signal?: AbortSignal,
    onUnpriced?: (symbol: string, why: string) => void,
  ): Promise<BrokerQuote[]>;
  /**
   * The last trade of each symbol, however old; a symbol without one is left out. For what has no quote and
   * must be valued.
   */
  lastTrades(symbols: readonly string[], signal?: AbortSignal): Promise<{ symbol: string; price: string }[]>;
  /**
   * The days with a core session from one day to another (`yyyy-mm-dd`, both included), in order; a day
   * between that is not named has none.
   */
  calendar(from: string, to: string, signal?: AbortSignal): Promise<BrokerDay[]>;
  /** Follows the account's trade updates until the signal aborts, reconnecting by itself with back-off. */
  follow(onUpdate: (update: TradeUpdate) => void, signal: AbortSignal): Promise<void>;
}
