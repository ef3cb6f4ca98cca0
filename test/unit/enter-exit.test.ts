/** How often the broker is asked for an exit that the ledger can't judge yet. */
import { describe, expect, it } from 'vitest';
import type { Entered } from '../../src/coordinator/coordinator.ts';
import { enterConfirmed } from '../../src/coordinator/enter-exit.ts';
import type { OrderWish } from '../../src/domain/order.ts';

const EXIT: OrderWish = {
  ...{ id: 'x', symbol: 'A', side: 'sell', kind: 'exit', mode: 'normal', limit: '1', qty: '1', owner: 'o' },
};
const RESERVED: Entered = { outcome: 'reserved', how: 'fits' };
const UNCONFIRMED: Entered = { outcome: 'refused', reason: 'unconfirmed', numbers: {}, wouldFight: [] };

/** The outcome, and how often the broker was asked, when the ledger first can't judge it so many times. */
async function entered(unjudged: number, wish: OrderWish = EXIT): Promise<[string, number]> {
  let [enters, asks] = [0, 0];
  const { outcome } = await enterConfirmed(
    { enter: async () => (enters++ < unjudged ? UNCONFIRMED : RESERVED) },
    { freeFor: async () => BigInt(++asks) },
    wish,
    AbortSignal.timeout(10_000),
  );
  return [outcome, asks];
}

describe('An exit whose position was not confirmed', () => {
  it('asks the broker, and again when a fill made its answer one of before', async () => {
    expect(await entered(0)).toEqual(['reserved', 0]);
    expect(await entered(1)).toEqual(['reserved', 1]);
    expect(await entered(3)).toEqual(['reserved', 3]);
  });

  it('is refused after three answers', async () => {
    expect(await entered(9)).toEqual(['refused', 3]);
  });

  it('asks nothing as an entry', async () => {
    expect(await entered(1, { ...EXIT, kind: 'entry' })).toEqual(['refused', 0]);
  });
});
