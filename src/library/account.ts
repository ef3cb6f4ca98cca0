/** The account as a bot holds it. */
import type { Settings } from '../rules/setting-values.ts';
import type { Cancelled, Entered, Order, Placed } from './order.ts';
import type { ForecastRequest, PlanRequest } from './plan.ts';
import type { AccountEvent, Decision, Status } from './readings.ts';

/**
 * An account that a bot is connected to. Every method throws `WorkstealError`: `unavailable` while Redis does
 * not answer (send the same again: nothing is done twice), `invalid` for an argument, `unknown` for what the
 * ledger does not hold.
 */
export interface Account {
  /** The account's name. */
  readonly name: string;
  /** The bot's name, which holds its orders. */
  readonly bot: string;
  /**
   * The rule settings that this bot was started with. Where the account's differ, its orders take no room
   * from others; where its pools differ, they do not enter.
   */
  readonly settings: Settings;

  /**
   * Cancels an order, or gives back the room of one that was not sent.
   * @throws WorkstealError `unknown` for an order that the ledger does not hold
   */
  cancel(id: string): Promise<Cancelled>;

  /**
   * Files a plan, which a watcher of the fleet runs. `exists`: it was filed before, with the same terms.
   * @throws WorkstealError `contradiction` where the id belongs to another plan
   */
  filePlan(plan: PlanRequest): Promise<'filed' | 'exists'>;
  /**
   * Withdraws a plan: it enters no more; what it holds keeps its exit. `withdrawn`: it has ended. `asked`:
   * its watcher withdraws it. `exists`: it has ended, or was asked before.
   * @throws WorkstealError `unknown` for a plan that the ledger does not hold
   */
  withdrawPlan(id: string): Promise<'withdrawn' | 'asked' | 'exists'>;

  /**
   * Files a forecast, or another in its place: what the bots of the strategy `bot` at a gateway count for
   * orders that bring none of their own. Nobody trades it. `exists`: the same was filed before.
   * @throws WorkstealError `invalid` for what no order could have, a time that is over, or one too many
   */
  fileForecast(forecast: ForecastRequest): Promise<'filed' | 'replaced' | 'exists'>;
  /** Removes it. `none`: there was none. */
  removeForecast(of: Pick<ForecastRequest, 'symbol' | 'side'>): Promise<'removed' | 'none'>;

  /**
   * The account's events from now on, or after the event id `after`, until `signal` aborts, the loop is left
   * or the account is closed. A lost connection is made again, and the events go on where they were. The
   * ledger keeps the latest 10,000 or so. An event is a hint: act on what `enter`, `place` or `status` say.
   */
  events(options?: { after?: string; signal?: AbortSignal }): Promise<AsyncIterableIterator<AccountEvent>>;

  /** The account's state. */
  status(): Promise<Status>;
  /**
   * What `enter` would decide about this order now, apart from what only the broker knows. Changes nothing.
   * @throws WorkstealError `invalid` for an id that the ledger has already
   */
  decide(order: Order): Promise<Decision>;

  /**
   * Stops the account: no entry is admitted; exits and cancellations go on. `noted`: it was halted before,
   * and this reason is on record, too. `exists`: with the same reason.
   */
  halt(reason: string): Promise<'halted' | 'noted' | 'exists'>;
  /** Ends a halt, whoever asked for it. `exists`: it was not halted. */
  resume(reason: string): Promise<'resumed' | 'exists'>;

  /** Ends its connections and its waits. Orders and plans stay as they are. */
  close(): Promise<void>;
}

/** An account with a broker: it takes orders, too. */
export interface TradingAccount extends Account {
  /**
   * Gets room for an order: at once if it fits, otherwise from worse orders where the rules allow it. Takes
   * up to a minute while the broker cancels those. Enter the same order again to renew its lease.
   * @throws WorkstealError `contradiction` where the id belongs to another order; the signal's reason: an
   *   order that waits for its room gives up then
   */
  enter(order: Order, signal?: AbortSignal): Promise<Entered>;
  /**
   * Sends an order that has its room to the broker, at most once.
   * @throws WorkstealError `invalid` for an order that still waits for its room; the signal's reason when it
   *   aborts before anything was sent
   */
  place(order: Order, signal?: AbortSignal): Promise<Placed>;
}
