/** Faults of the broker. */
import { fromNanos, toNanos } from '../../../../src/domain/decimal.ts';
import { SYMBOLS } from '../market.ts';
import { over, pick, type Strike } from './strike.ts';

type Settings = Readonly<Record<string, unknown>>;

function settings(hurt: Settings, healed: Settings): Strike {
  return async ({ broker }) => {
    await broker.faults(hurt);
    return () => broker.faults(healed);
  };
}

const DROP_SHARE = 0.3;
const SUSPENDED = { status: 403, code: 40310000, message: 'new orders are rejected by user request' };

export const brokerStrikes: Readonly<Record<string, Strike>> = {
  lose_replies: settings({ loseReplies: 8, loseCancelReplies: 4 }, { loseReplies: 0, loseCancelReplies: 0 }),
  gateway_errors: settings({ failReplies: 8, failStatus: 504 }, { failReplies: 0 }),
  too_many_requests: settings({ limitRequests: 60 }, { limitRequests: 0 }),
  server_errors: settings({ failRequests: 40, failStatus: 503 }, { failRequests: 0 }),
  /** It takes no orders of the account: by each answer to an order, or by what it says of the account. */
  account_refused: settings({ refuseOrders: SUSPENDED }, { refuseOrders: null }),
  account_blocked: settings({ accountSays: { trading_blocked: true } }, { accountSays: {} }),
  lagging_positions: settings({ positionLagMs: 600 }, { positionLagMs: 0 }),
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

  async equity_drop({ broker }) {
    const { equityMicros } = await broker.hand.account();
    const taken = fromNanos(toNanos(String(Math.floor((equityMicros / 1e6) * DROP_SHARE))));
    await broker.faults({ withdrawUsd: taken });
    return () => broker.faults({ depositUsd: taken });
  },

  async halted_symbol({ broker }, chance) {
    await broker.faults({
      haltedSymbols: [pick(SYMBOLS, chance), pick(SYMBOLS, chance), pick(SYMBOLS, chance)],
    });
    return () => broker.faults({ haltedSymbols: [] });
  },

  async no_quotes({ broker }, chance) {
    await broker.faults({
      zeroQuotes: [pick(SYMBOLS, chance), pick(SYMBOLS, chance), pick(SYMBOLS, chance)],
    });
    return () => broker.faults({ zeroQuotes: [] });
  },
};
