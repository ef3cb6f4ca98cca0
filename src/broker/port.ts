/**
 * What the rest of the system needs from a broker. An answer is confirmed, refused or unknown. Unknown ends
 * nothing (I4): the caller keeps the order as it is and asks again. src/broker/conformance holds each
 * adapter against these promises.
 */
import type { Micros } from '../domain/money.ts';
import type { FinalState, Side } from '../domain/order.ts';
import type { BrokerDay } from '../rules/broker-calendar.ts';
import type { Asset } from '../rules/takeable.ts';

/** An order as the broker reports it. Prices and quantities are decimal strings. */
export type BrokerOrder = {
  /** The client order id: the same id as in the ledger. */
  id: string;
  brokerId: string;
  symbol: string;
  side: Side;
  /**
   * In dollars per unit of the quantity (an option contract: 100 times its premium). Null for an order
   * without a limit, which somebody placed by hand.
   */
  limit: string | null;
  qty: string;
  filledQty: string;
  /** Null while nothing is filled. */
  filledAvgPrice: string | null;
  /**
   * `live`: it can still fill or still holds buying power. An order with a status that the adapter does not
   * know is live.
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
   * The broker's ids of the order that this one replaces, and of the order that replaces it; absent where
   * there is none (src/broker/succession.ts).
   */
  replaces?: string;
  replacedBy?: string;
  /**
   * The stop price, in dollars per unit as `limit`. Only on an order that somebody placed by hand: it becomes
   * active at this price and may fill at a worse one.
   */
  stop?: string;
  /**
   * Whether it opens or closes a position, where the broker says so. Absent: the position that is held
   * decides. A leg that closes what its parent opens has no exposure.
   */
  effect?: 'opens' | 'closes';
  /** Where the prices are not in dollars but in this currency per unit (an order for ETH/BTC by hand). */
  currency?: string;
  /** Why its exposure may be higher than these numbers say. */
  doubt?: string;
  /**
   * Time of its last fill, or of its end if a part was filled: ms of the broker's clock. Absent where nothing
   * is filled, or where the broker does not say.
   */
  filledAtMs?: number;
  /**
   * Only on an order that somebody placed by hand for an amount of money instead of a quantity: that amount.
   * Without a limit, its `qty` is the filled quantity.
   */
  notionalMicros?: Micros;
};

/** The account as the broker reports it. Amounts in micro-USD. */
export type BrokerAccount = {
  /**
   * The broker's number of the account that the keys belong to: 1 to 64 of A-Z, a-z, 0-9, _ and -; '' where
   * the broker does not say.
   */
  number: string;
  equityMicros: Micros;
  buyingPowerMicros: Micros;
  cashBuyingPowerMicros: Micros;
  /** Why the broker accepts no orders for this account, in its words; '' while it accepts them. */
  shut: string;
  /** Whether the account may sell short. */
  shorting: boolean;
  /** Buying power per dollar of equity, a decimal; null where the broker does not say. */
  multiplier: string | null;
  /** Why the broker accepts no crypto orders, in its words; '' while it does. Absent: it does not say. */
  cryptoShut?: string;
  /** The broker's clock when it answered, to the second; absent where it does not say. */
  nowMs?: number;
  /** How many requests a minute the broker allows; absent where it does not say. */
  requestsPerMinute?: number;
};

/**
 * `qty` is signed: a short position is negative. `costMicros` is what was paid, unsigned, rounded up.
 * `availableQty`: units of it that no order holds, unsigned; absent where the broker does not say.
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
 * An order or a position whose exposure cannot be counted, or not for certain in full, because the adapter
 * does not know its unit, its form or its kind. `id` is the client order id, or else the broker's; '' for a
 * position. `symbol` is spelled as the broker spells it; '' where there is none.
 */
export type Oddity = {
  what: 'order' | 'position';
  id: string;
  brokerId: string;
  symbol: string;
  /** Why, as the end of a sentence that begins with the order or the position. */
  why: string;
  /** False: no exposure is counted for it. */
  counts: boolean;
  /** False: an order that has ended, which has no exposure any more. */
  isLive: boolean;
};

export const TIMES_IN_FORCE = ['day', 'gtc', 'ioc', 'fok', 'opg', 'cls'] as const;

/**
 * In which form an order is sent. Prices are decimal strings: `stop` in dollars per unit, `trail` in dollars
 * or percent. A form that the broker does not have is refused, `order`.
 */
export type OrderForm = {
  timeInForce: (typeof TIMES_IN_FORCE)[number];
  extendedHours?: boolean;
} & (
  | { type: 'limit' | 'market' }
  | { type: 'stop' | 'stop_limit'; stop: string }
  | { type: 'trailing_stop'; trail: { price: string } | { percent: string } }
);

/** Whether an order of this form has a limit of its own. */
export function hasLimit({ type }: OrderForm): boolean {
  return type === 'limit' || type === 'stop_limit';
}

/**
 * A limit order. The adapter chooses everything else that the broker requires, such as the time in force. An
 * order in a market with sessions rests until the session ends; an order in a market without sessions rests
 * until it is cancelled. An order that the broker ends at the close is `expired`.
 */
export type OrderRequest = {
  id: string;
  symbol: string;
  side: Side;
  limit: string;
  qty: string;
  /** Another form than that. One without a limit leaves `limit` out; only an exit may have such a form. */
  form?: OrderForm;
};

/**
 * A live order that another one is to replace, by its broker id. `id`: the client order id of the new one.
 * What is left out stays as it is. `qty`: what the new order may fill, apart from what the old one has.
 */
export type ReplaceRequest = {
  brokerId: string;
  id: string;
  symbol: string;
  side: Side;
  qty?: string;
  limit?: string;
  stop?: string;
  /** Dollars or percent, as the old order has it. */
  trail?: string;
  timeInForce?: (typeof TIMES_IN_FORCE)[number];
};

/**
 * Why the broker refused an order; also the reason that the ledger keeps for the order's end.
 *
 * - `account`: the broker accepts no order at all for this account. `keys`: it does not accept the keys.
 * - `buying_power`: not enough buying power. `held`: the units to sell are not there, or other orders hold
 *   them.
 * - `opposite`: a live order on the other side of the symbol forbids it. `short`: the symbol may not be sold
 *   short.
 * - `price_step`: its price is no multiple of the step. `minimum`: it is too small. `not_tradable`: its
 *   symbol is not traded, or not now.
 * - `duplicate`: another order has its id. `rate_limited`: too many requests.
 * - `not_sent`: nothing of it left this process. `order`: any other fault of the order.
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

/** One of REFUSAL_KINDS: why the broker refused an order. */
export type RefusalKind = (typeof REFUSAL_KINDS)[number];

/**
 * A refusal in the broker's own numbers: the HTTP status and the code of its body. `by`: the broker's id of
 * the order that is in the way, where it names one.
 */
export type RefusalNumbers = { status: number; code: number | undefined; by?: string };

/**
 * The answer to a submission: the order exists, was refused, or nobody knows. `wire`: the same in the
 * broker's own form, for a client that speaks its protocol (src/gateway).
 */
export type SubmitAnswer =
  /** The order exists at the broker: made now, or made before under this id. */
  | { kind: 'confirmed'; order: BrokerOrder; wire?: unknown }
  | { kind: 'refused'; why: RefusalKind; message: string; wire?: RefusalNumbers }
  | { kind: 'unknown'; message: string };

/** A request of one of the broker's own paths, of its trading or its market data host. */
export type PassRequest = {
  host: 'trading' | 'data';
  path: string;
  query: Readonly<Record<string, string>>;
};

/** `answered`: in the broker's own form; a refusal has the body `{code, message}`. */
export type PassAnswer =
  | { kind: 'answered'; status: number; body: unknown }
  | { kind: 'unknown'; message: string };

/** A symbol that the broker does not know is `found`, and its `shut` says so. */
export type AssetAnswer = { kind: 'found'; asset: Asset } | { kind: 'unknown'; message: string };

/** The answer to a cancellation; its acceptance is no end of the order (I4). */
export type CancelAnswer =
  /** The broker accepted the request only; the order is live until the broker reports its end. */
  | { kind: 'accepted' }
  /** The order had ended before; `order` says how. */
  | { kind: 'ended' }
  | { kind: 'not_found' }
  | { kind: 'unknown'; message: string };

/** `nowMs`: the broker's clock when it answered, to the second. `wire`: as in SubmitAnswer. */
export type OrderAnswer =
  | { kind: 'found'; order: BrokerOrder; nowMs?: number; wire?: unknown }
  | { kind: 'not_found' }
  | { kind: 'unknown'; message: string };

/**
 * A trade update. `connected` follows every connect and reconnect. Nothing is replayed, so the receiver has
 * to reconcile then. `wire`: the update in the broker's own form, as in SubmitAnswer.
 */
export type TradeUpdate =
  | { kind: 'order'; event: string; order: BrokerOrder; wire?: unknown }
  /** An update about an order that cannot be read: the receiver has to reconcile. */
  | { kind: 'odd'; event: string; oddity: Oddity; wire?: unknown }
  | { kind: 'connected' }
  | { kind: 'disconnected'; message: string };

/** A price from the broker's market data. `ageMs`: its age when it arrived. */
export type BrokerQuote = { symbol: string; price: string; ageMs: number };

/**
 * Every method ends its wait when `signal` aborts. A method whose answer has no `unknown` throws a
 * WorkstealError instead: `unclear` (retriable; also after an abort), `refused` or `keys`.
 */
export interface Broker {
  account(signal?: AbortSignal): Promise<BrokerAccount>;
  /** Each position is read on its own: one that cannot be read goes to `onOdd` and is left out. */
  positions(signal?: AbortSignal, onOdd?: (oddity: Oddity) => void): Promise<BrokerPosition[]>;
  /** Every live order, from all pages. `onOdd` as above; orders with a `doubt` go there and into the list. */
  openOrders(signal?: AbortSignal, onOdd?: (oddity: Oddity) => void): Promise<BrokerOrder[]>;
  /**
   * The ids of orders that have ended, in the order of their submission, newest first; a few thousand at
   * most.
   */
  endedOrders(signal?: AbortSignal): Promise<Pick<BrokerOrder, 'id' | 'brokerId'>[]>;
  /** One order by its client order id. */
  order(id: string, signal?: AbortSignal): Promise<OrderAnswer>;
  /** One order by the broker's id. */
  orderByBrokerId(brokerId: string, signal?: AbortSignal): Promise<OrderAnswer>;
  /**
   * Sends at most once. A lost answer is `unknown`; a request whose order exists already is `confirmed` with
   * that order. `mayLeave` is called just before the bytes are written, without a wait in between; where it
   * returns false the answer is `refused`, `not_sent`.
   */
  submit(request: OrderRequest, signal?: AbortSignal, mayLeave?: () => boolean): Promise<SubmitAnswer>;
  /**
   * Asks once for another order in the place of a live one; the broker ends the old one as `replaced` when it
   * takes the new one. `confirmed`: the request was accepted, and `order` is the new one; it may still be
   * rejected, when the old one fills first. `refused`: the old one stays as it is. A broker without such a
   * request leaves it out. `signal`, `mayLeave`: as for `submit`.
   */
  replace?(request: ReplaceRequest, signal?: AbortSignal, mayLeave?: () => boolean): Promise<SubmitAnswer>;
  /**
   * One GET of the broker's own protocol. Only an adapter of Alpaca's protocol has it; the gateway, which
   * speaks that protocol to bots, needs it.
   */
  pass?(request: PassRequest, signal?: AbortSignal): Promise<PassAnswer>;
  /** Cancels by the broker's id. Sends at most once. */
  cancel(brokerId: string, signal?: AbortSignal): Promise<CancelAnswer>;
  /** The rules for orders of a symbol: steps, minimums, and whether it is traded at all. */
  asset(symbol: string, signal?: AbortSignal): Promise<AssetAnswer>;
  /**
   * Latest prices of these symbols. A symbol without a usable price (no bid or no ask, bid above ask, too far
   * apart) is left out, and `onUnpriced` gets the reason.
   */
  quotes(
    symbols: readonly string[],
    signal?: AbortSignal,
    onUnpriced?: (symbol: string, why: string) => void,
  ): Promise<BrokerQuote[]>;
  /**
   * The last trade of each symbol, however old; a symbol without one is left out. It values what has no
   * quote.
   */
  lastTrades(symbols: readonly string[], signal?: AbortSignal): Promise<{ symbol: string; price: string }[]>;
  /**
   * The trading days from one day to another (`yyyy-mm-dd`, both included), in order. A day that is not
   * listed has no core session.
   */
  calendar(from: string, to: string, signal?: AbortSignal): Promise<BrokerDay[]>;
  /**
   * Follows the account's trade updates until the signal aborts, then resolves. Reconnects by itself, with
   * backoff. An `onUpdate` that throws does not end it.
   */
  follow(onUpdate: (update: TradeUpdate) => void, signal: AbortSignal): Promise<void>;
}
