/** The smallest adapter keeps the promises of the port: the broker in memory that the tests use. */

import type { BrokerStage } from '../../src/broker/conformance/index.ts';
import type { BrokerOrder } from '../../src/broker/port.ts';
import { fromNanos, toNanos } from '../../src/domain/decimal.ts';
import { InstantBroker } from '../support/instant-broker.ts';
import { conformsToPort } from './conforms-to-port.ts';

const [SYMBOL, UNPRICED, UNKNOWN] = ['AAPL', 'MSFT', 'NOBODY'];

async function memoryStage(): Promise<BrokerStage> {
  const broker = new InstantBroker();
  broker.equityMicros = 100_000_000_000;
  broker.prices.set(SYMBOL, '200');
  broker.untraded.add(UNKNOWN);
  const half = ({ qty }: BrokerOrder): string => fromNanos(toNanos(qty) / 2n);
  const cancelTwists = {
    reply_lost: 'lose_reply',
    held: 'stick',
    filled_first: 'fill_first',
    given_up: 'give_up',
  } as const;
  return {
    broker,
    symbol: SYMBOL,
    unpriced: UNPRICED,
    unknown: UNKNOWN,
    nextSubmit: async (fault) => broker.nextSubmits(fault === 'reply_lost' ? 'lose_reply' : 'lose_request'),
    nextCancel: async (fault) => broker.nextCancels(cancelTwists[fault]),
    finishCancel: async ({ id }) => broker.turn(id, 'cancelled'),
    fill: async (order, share) =>
      share === 'part' ? broker.turn(order.id, 'live', half(order)) : broker.turn(order.id, 'filled'),
    halt: async (symbol) => void broker.untraded.add(symbol),
    async refuseKeys() {
      broker.mood = 'refuses_keys';
    },
    async fallSilent() {
      broker.mood = 'silent';
    },
    cutStream: async () => broker.cutStream(),
    addUnreadable: async (what) => {
      const facts = { id: 'odd', brokerId: 'odd', symbol: SYMBOL, why: 'it is odd' };
      broker.oddities.push({ what, ...facts, counts: false, isLive: true });
    },
    async change(order, to, progress) {
      if (progress === 'done') broker.change(order.id, to);
      else broker.put({ ...order, status: 'pending_replace', replaceRequested: true });
    },
    async buyAtMarket() {
      const request = { id: 'by-hand', symbol: SYMBOL, side: 'buy', limit: '200', qty: '1' } as const;
      await broker.submit(request);
      broker.turn('by-hand', 'filled');
      broker.orders.set('by-hand', { ...(broker.orders.get('by-hand') as BrokerOrder), limit: null });
      return 'broker-by-hand';
    },
    close: async () => {},
  };
}

conformsToPort('A broker in memory', memoryStage, { lacks: ['nextReplace'] });
