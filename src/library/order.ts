/** An order as a bot asks for it, and what becomes of it. */
import type { Placed as Coordinated, Entered as CoordinatedEntry } from '../coordinator/answers.ts';
import type { Mode, Side } from '../domain/order.ts';
import type { Refusal } from '../domain/outcome.ts';
import type { Facts } from '../json/from-ledger.ts';

/**
 * A limit order that a bot wants. Prices are USD per unit; prices, quantities and PnL are decimal strings
 * with at most nine decimals, such as `'180.25'`.
 */
export type Order = {
  /**
   * Made by the bot before anything is sent, and never used for another order: 1 to 64 of A-Z, a-z, 0-9, _
   * and -. It is also the client order id at the broker. The same order under the same id may be sent again
   * at any time.
   */
  id: string;
  /** A stock, or a pair quoted in dollars: `AAPL`, `BTC/USD`, `BTCUSD`. */
  symbol: string;
  side: Side;
  /** USD per unit. */
  limit: string;
  /** Units. */
  qty: string;
  /** Forecasted PnL in USD; what may take room from what depends on it. Default `'0'`. */
  pnl?: string;
  /** The forecasted probability that its limit trades, a decimal from 0 to 1. Default `'1'`. */
  fillProbability?: string;
  /** An `exit` closes a position: it needs no room, and is never taken. Default `entry`. */
  kind?: 'entry' | 'exit';
  /** A `probe` is a small test order, which is never taken. Default `normal`. */
  mode?: Mode;
};

/**
 * The order got no room, and nothing was changed. `reason`: one of a closed list (docs/rules.md, 10), or
 * `steal_failed`: orders were cancelled for it, but one of them filled, or the room came too late.
 * `sentence`: the same for people. `numbers`: what was judged, such as `needMicros` and `roomMicros`
 * (micro-USD). `wouldFight`: symbols that it may not take room from, to avoid a fight.
 */
export type Refused = {
  outcome: 'refused';
  reason: Refusal | 'dry_run' | 'steal_failed';
  sentence: string;
  numbers: Facts;
  wouldFight: string[];
};

/**
 * The answer to `enter`. `reserved`: it has its room, for the length of a lease (10 s by default): place it,
 * or enter it again, which renews the lease. `known`: it was entered before, and is past its reservation.
 * `superseded`: the broker has a later order of its plan.
 */
export type Entered = Exclude<CoordinatedEntry, { outcome: 'refused' }> | Refused;

/**
 * The answer to `place`. `working`: live at the broker. `ended`: it has filled, was rejected, or has ended
 * otherwise. `not_sent`: nothing was sent, and its room was given back; `reason` says why. `unclear`: it may
 * be at the broker; it keeps its room until the account's keeper knows, and its events say what became of it.
 */
export type Placed = WithoutWire<Coordinated>;

type WithoutWire<Answer> = Answer extends { wire?: unknown } ? Omit<Answer, 'wire'> : Answer;

/**
 * The answer to `cancel`. `cancelling`: the cancellation is on record, and a worker carries it out; an event
 * says how the order ended. `released`: it was never sent, and its room was given back. `exists`: it is being
 * cancelled, or has ended. `unclear`: it was sent, and the broker has not confirmed it; cancel again later.
 */
export type Cancelled = 'cancelling' | 'released' | 'exists' | 'unclear';
