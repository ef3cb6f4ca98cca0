/** Keys that are refused, a broker that does not answer, and signals: each call says what it is (I4). */
import { describe, expect, it } from 'vitest';
import { aRequest, type BrokerStage, confirmed } from './stage.ts';

/** Each question that has no answer of its own for "unknown", and so throws. */
const READS: Readonly<Record<string, (stage: BrokerStage, signal?: AbortSignal) => Promise<unknown>>> = {
  account: ({ broker }, signal) => broker.account(signal),
  positions: ({ broker }, signal) => broker.positions(signal),
  'open orders': ({ broker }, signal) => broker.openOrders(signal),
  'ended orders': ({ broker }, signal) => broker.endedOrders(signal),
  quotes: ({ broker, symbol }, signal) => broker.quotes([symbol], signal),
  'last trades': ({ broker, symbol }, signal) => broker.lastTrades([symbol], signal),
  calendar: ({ broker }, signal) => broker.calendar('2026-01-05', '2026-01-12', signal),
};

export function failureSentences(stage: () => BrokerStage): void {
  describe('keys that the broker refuses', () => {
    it('fail a question as `keys`, which nobody tries again', async () => {
      await stage().refuseKeys();
      await expect(stage().broker.account()).rejects.toMatchObject({ code: 'keys', retriable: false });
    });

    it('refuse an order', async () => {
      await stage().refuseKeys();
      expect(await stage().broker.submit(aRequest(stage()))).toMatchObject({ kind: 'refused', why: 'keys' });
    });
  });

  describe('a broker that does not answer', () => {
    it.each(Object.entries(READS))(
      'fails a question about %s as `unclear`, to be tried again',
      async (_, ask) => {
        await stage().fallSilent('break');
        await expect(ask(stage())).rejects.toMatchObject({ code: 'unclear', retriable: true });
      },
    );

    it('leaves an order, a cancellation and an asset unknown', async () => {
      const order = await confirmed(stage());
      await stage().fallSilent('break');
      const { broker, symbol } = stage();
      for (const answer of [
        await broker.submit(aRequest(stage())),
        await broker.order(order.id),
        await broker.orderByBrokerId(order.brokerId),
        await broker.cancel(order.brokerId),
        await broker.asset(symbol),
      ])
        expect(answer).toEqual({ kind: 'unknown', message: expect.stringMatching(/./) });
    });
  });

  describe('a signal', () => {
    it.each(Object.entries(READS))('ends the wait for %s', async (_, ask) => {
      await stage().fallSilent('hang');
      await expect(ask(stage(), AbortSignal.timeout(20))).rejects.toMatchObject({ code: 'unclear' });
    });

    it('that ends the wait for a submission leaves it unknown', async () => {
      await stage().fallSilent('hang');
      const answer = await stage().broker.submit(aRequest(stage()), AbortSignal.timeout(50));
      expect(answer.kind).toBe('unknown');
    });
  });
}
