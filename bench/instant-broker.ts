/**
 * A broker that answers at once and has cancelled an order by the time it answers: what is left is our own
 * machinery.
 */
import type { Broker } from '../src/broker/port.ts';
import { WorkstealError } from '../src/domain/errors.ts';

const nothing = (question: string) => async (): Promise<never> => {
  throw new WorkstealError('bug', `a benchmark asked the broker for ${question}`);
};

export const instantBroker: Broker = {
  cancel: async () => ({ kind: 'ended' }),
  order: async (id) => ({
    kind: 'found',
    order: {
      id,
      brokerId: `b-${id}`,
      symbol: 'ANY',
      side: 'buy',
      limit: '100',
      qty: '1',
      filledQty: '0',
      filledAvgPrice: null,
      state: 'cancelled',
      status: 'canceled',
    },
  }),
  orderByBrokerId: nothing('an order by its own id'),
  account: nothing('the account'),
  positions: nothing('positions'),
  openOrders: nothing('open orders'),
  endedOrders: nothing('ended orders'),
  submit: nothing('a submission'),
  calendar: nothing('trading days'),
  asset: async () => ({ kind: 'unknown', message: 'a benchmark has no assets' }),
  quotes: nothing('prices'),
  lastTrades: nothing('trades'),
  follow: nothing('trade updates'),
};
