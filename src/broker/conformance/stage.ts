/**
 * What the suite needs of an adapter's author: a broker with a fresh account, and a hand on what the broker
 * does with its orders.
 */
import { randomUUID } from 'node:crypto';
import type { Side } from '../../domain/order.ts';
import type { Broker, BrokerOrder, OrderRequest, TradeUpdate } from '../port.ts';

/** What becomes of the next submission, besides going well. */
export type SubmitFault =
  /** It is carried out, and the answer is lost. */
  | 'reply_lost'
  /** It is not carried out, and there is no answer either. */
  | 'request_lost';

/** What becomes of the next cancellation, besides ending the order soon. */
export type CancelFault =
  | 'reply_lost'
  /** The broker accepts it, and the order stays as it is until `finishCancel`. */
  | 'held'
  /** The broker accepts it, and then the order is filled as a whole. */
  | 'filled_first'
  /** The broker accepts it, and then lets the order live on. */
  | 'given_up';

/** What becomes of the next replacement, besides being accepted. */
export type ReplaceFault = SubmitFault;

/** A broker with a fresh account, and a hand on what it does. All amounts are in USD, as decimal strings. */
export type BrokerStage = {
  broker: Broker;
  /**
   * Tradable whole shares or coins. Its price is 200 and moves only as the stage says; a buy at 180 rests.
   * The account can pay for 100 of them.
   */
  symbol: string;
  /** Tradable, and without a price. */
  unpriced: string;
  /** No symbol at this broker. */
  unknown: string;

  nextSubmit(fault: SubmitFault): Promise<void>;
  nextCancel(fault: CancelFault): Promise<void>;
  finishCancel(order: BrokerOrder): Promise<void>;
  /** Fills a live order: some of it but not all, or all that is left. */
  fill(order: BrokerOrder, share: 'part' | 'whole'): Promise<void>;
  /** From now on no order of the symbol is taken. */
  halt(symbol: string): Promise<void>;
  /** From now on the keys are refused. */
  refuseKeys(): Promise<void>;
  /** From now on no request is answered: its connection stays open (`hang`), or breaks at once (`break`). */
  fallSilent(how: 'hang' | 'break'): Promise<void>;
  /** Breaks the connection of `follow`. */
  cutStream(): Promise<void>;
  /** From now on the list has an item more that nobody can read. */
  addUnreadable(what: 'order' | 'position'): Promise<void>;
  /**
   * Only where the broker lets a person change a live order into another one. `pending`: the broker has
   * accepted the change and does not carry it out yet; `done`: it has.
   */
  change?(order: BrokerOrder, to: { limit: string }, progress: 'pending' | 'done'): Promise<void>;
  /** Only where the port's `replace` is there. An accepted replacement waits for a second or two. */
  nextReplace?(fault: ReplaceFault): Promise<void>;
  /**
   * Only where the broker takes orders at the market, placed by a person: buys one unit, which fills.
   * @returns the broker's id of the order
   */
  buyAtMarket?(): Promise<string>;

  close(): Promise<void>;
};

/** A buy that rests, under an id of its own. */
export function aRequest({ symbol }: BrokerStage, changes: Partial<OrderRequest> = {}): OrderRequest {
  const side: Side = 'buy';
  return { id: `order-${randomUUID()}`, symbol, side, limit: '180', qty: '10', ...changes };
}

/** Submits an order that the broker has to confirm. */
export async function confirmed(
  stage: BrokerStage,
  changes: Partial<OrderRequest> = {},
): Promise<BrokerOrder> {
  const answer = await stage.broker.submit(aRequest(stage, changes));
  if (answer.kind !== 'confirmed') throw new Error(`submit: ${JSON.stringify(answer)}`);
  return answer.order;
}

/** The order as the broker has it now. */
export async function now({ broker }: BrokerStage, { id }: Pick<BrokerOrder, 'id'>): Promise<BrokerOrder> {
  const answer = await broker.order(id);
  if (answer.kind !== 'found') throw new Error(`order ${id}: ${JSON.stringify(answer)}`);
  return answer.order;
}

/** Client order ids of all live orders. */
export async function liveIds({ broker }: BrokerStage): Promise<string[]> {
  return (await broker.openOrders()).map(({ id }) => id);
}

export type Following = {
  /** The next update that fits, come or to come; what comes before it is dropped. */
  next(fits: (update: TradeUpdate) => boolean): Promise<TradeUpdate>;
  /** Ends the stream; resolves when `follow` has. */
  stop(): Promise<void>;
};

export function following({ broker }: BrokerStage): Following {
  const stopping = new AbortController();
  const queue: TradeUpdate[] = [];
  const events = new EventTarget();
  const ended = broker.follow((update) => {
    queue.push(update);
    events.dispatchEvent(new Event('update'));
  }, stopping.signal);
  return {
    async next(fits) {
      while (true) {
        const update = queue.shift();
        if (update === undefined)
          await new Promise((resolve) => events.addEventListener('update', resolve, { once: true }));
        else if (fits(update)) return update;
      }
    },
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** An update of this order in this state. */
export const tells =
  (state: BrokerOrder['state'], { id }: Pick<BrokerOrder, 'id'>) =>
  (update: TradeUpdate): boolean =>
    update.kind === 'order' && update.order.id === id && update.order.state === state;

export const is =
  (kind: TradeUpdate['kind']) =>
  (update: TradeUpdate): boolean =>
    update.kind === kind;
