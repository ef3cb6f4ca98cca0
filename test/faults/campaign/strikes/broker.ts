/** What the broker does, and what others do at the broker. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fromNanos, toNanos } from '../../../../src/domain/decimal.ts';
import { notionalMicros } from '../../../../src/domain/money.ts';
import { key } from '../../../../src/ledger/keys.ts';
import type { Arena } from '../arena.ts';
import { BASE_DOLLARS, SYMBOLS } from '../market.ts';
import { over, pick, type Strike } from './strike.ts';

type Settings = Readonly<Record<string, unknown>>;

function settings(hurt: Settings, healed: Settings): Strike {
  return async ({ broker }) => {
    await broker.faults(hurt);
    return () => broker.faults(healed);
  };
}

/** Longer than a submission that was on its way when the order became known takes. */
const IN_FLIGHT_MS = 2_500;
const KNOWN_LIMIT_MS = 20_000;
const LOOK_MS = 20;
const DROP_SHARE = 0.3;

export const brokerStrikes: Readonly<Record<string, Strike>> = {
  lose_replies: settings({ loseReplies: 8, loseCancelReplies: 4 }, { loseReplies: 0, loseCancelReplies: 0 }),
  gateway_errors: settings({ failReplies: 8, failStatus: 504 }, { failReplies: 0 }),
  too_many_requests: settings({ limitRequests: 60 }, { limitRequests: 0 }),
  server_errors: settings({ failRequests: 40, failStatus: 503 }, { failRequests: 0 }),
  buying_power: settings({ refuseBuyingPower: 10 }, { refuseBuyingPower: 0 }),
  stuck_cancels: settings({ stickCancels: 5 }, { stickCancels: 0 }),
  given_up_cancels: settings({ rejectCancels: 6 }, { rejectCancels: 0 }),
  fill_on_cancel: settings({ fillOnCancel: 6 }, { fillOnCancel: 0 }),
  partial_fills: settings({ partFills: 20 }, { partFills: 0 }),
  slow_answers: settings({ answerDelayMs: 300 }, { answerDelayMs: 0 }),
  missing_updates: settings({ dropUpdateRate: 0.5 }, { dropUpdateRate: 0 }),
  doubled_updates: settings({ duplicateUpdateRate: 0.5 }, { duplicateUpdateRate: 0 }),
  reordered_updates: settings({ delayUpdateRate: 0.4, delayUpdateMs: 150 }, { delayUpdateRate: 0 }),
  disconnected_streams: async ({ broker }) => {
    await broker.faults({ disconnectStreams: true });
    return over;
  },

  async order_by_hand({ broker, ledger }, chance) {
    const symbol = pick(
      SYMBOLS.filter((_, at) => at % 4 !== 0),
      chance,
    );
    const id = `hand-${Math.floor(1e9 * chance.next())}`;
    const order = { id, symbol, side: 'buy', qty: '20', limit: (BASE_DOLLARS * (chance.next() < 0.5 ? 0.98 : 1.001)).toFixed(2) } as const;
    const mine = { id, micros: notionalMicros(order.limit, order.qty), fromMs: Date.now(), untilMs: Number.POSITIVE_INFINITY };
    broker.byHand.push(mine);
    const answer = await broker.hand.submit({ ...order, timeInForce: symbol.endsWith('USD') ? 'gtc' : 'day' });
    if (answer.kind === 'refused') mine.untilMs = mine.fromMs;
    else void untilKnown(ledger, id).then(() => (mine.untilMs = Date.now() + IN_FLIGHT_MS));
    return async () => {
      if (answer.kind !== 'confirmed') return;
      broker.cancelledByHand.add(id);
      await broker.hand.cancel(answer.order.brokerId);
    };
  },

  async cancel_by_hand({ broker }, chance) {
    const orders = await broker.hand.openOrders();
    if (orders.length === 0) return over;
    const { id, brokerId } = pick(orders, chance);
    broker.cancelledByHand.add(id);
    await broker.hand.cancel(brokerId);
    return over;
  },

  async equity_drop({ broker }) {
    const { equityMicros } = await broker.hand.account();
    const taken = fromNanos(toNanos(String(Math.floor((equityMicros / 1e6) * DROP_SHARE))));
    await broker.faults({ withdrawUsd: taken });
    return () => broker.faults({ depositUsd: taken });
  },

  async halted_symbol({ broker }, chance) {
    await broker.faults({ haltedSymbols: [pick(SYMBOLS, chance), pick(SYMBOLS, chance), pick(SYMBOLS, chance)] });
    return () => broker.faults({ haltedSymbols: [] });
  },

  async no_quotes({ broker }, chance) {
    await broker.faults({ zeroQuotes: [pick(SYMBOLS, chance), pick(SYMBOLS, chance), pick(SYMBOLS, chance)] });
    return () => broker.faults({ zeroQuotes: [] });
  },
};

/** The ledger counts it: it adopted it, or it has ended meanwhile and left a position that is counted. */
async function untilKnown({ redis, account }: Arena['ledger'], id: string): Promise<void> {
  for (let waitedMs = 0; waitedMs < KNOWN_LIMIT_MS; waitedMs += LOOK_MS) {
    if ((await redis.exists(key(account, `order:${id}`)).catch(() => 0)) === 1) return;
    await sleep(LOOK_MS, undefined, { ref: false }); // the campaign's end does not wait for it
  }
}
