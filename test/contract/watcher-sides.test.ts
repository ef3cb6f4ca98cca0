/**
 * A plan whose symbol is held on the other side waits, and enters once that position is closed (decision 29).
 * Real exchange, real Redis.
 */
import { describe, expect, it } from 'vitest';
import type { TestAccount } from '../support/ledger.ts';
import { watchingSuite } from '../support/watching-suite.ts';

const PATIENCE = { timeout: 60_000, interval: 10 };
const SHORT = { symbol: 'AAPL', side: 'short', qty: '1', costMicros: 100_000_000, pool: '' } as const;

const { world } = watchingSuite();

/** The broker tells of these positions, twice, as it must before one is lowered. */
async function told(account: TestAccount, positions: Parameters<TestAccount['sync']>[1]): Promise<void> {
  for (let seen = 0; seen < 2; seen += 1) {
    await account.advanceHealth(1);
    await account.sync('1000', positions);
  }
}

/** A host on which no pause ends by itself: its time stands still. */
const standing = { monotonicMs: () => 1_000_000 };

describe('a plan against a position of the other side', () => {
  it("waits with its first attempt, and enters at once when the broker's position is gone", async () => {
    const watch = await world();
    const { account } = watch;
    watch.price('AAPL', '100.3');
    await told(account, [SHORT]);
    watch.host('h1', standing);
    await watch.file({ id: 'p' });
    await expect.poll(() => account.field('refusal:p', 'reason'), PATIENCE).toBe('opposite');
    expect(await watch.plan('p')).toMatchObject({ stage: 'waiting', attempt: 1 });
    await told(account, []);
    await watch.order('p_1', 'working');
    await account.expectSound();
  });

  it('that comes after its reservation makes it return the room and enter by its next attempt', async () => {
    const watch = await world();
    const { account } = watch;
    watch.price('AAPL', '100.3');
    const { coordinator } = watch.all;
    let isFirst = true;
    watch.host('h1', {
      ...standing,
      coordinator: {
        enter: (wish, signal) => coordinator.enter(wish, signal),
        cancel: (id, reason) => coordinator.cancel(id, reason),
        priceSteps: (symbol, signal) => coordinator.priceSteps(symbol, signal),
        events: coordinator.events,
        async place(wish, signal) {
          if (isFirst) await told(account, [SHORT]);
          isFirst = false;
          return await coordinator.place(wish, signal);
        },
      },
    });
    await watch.file({ id: 'p' });
    await watch.reached('p', 'waiting', 2);
    expect(await account.order('p_1')).toMatchObject({ state: 'cancelled', reason: 'opposite', sentAtMs: 0 });
    expect(await account.used()).toBe(SHORT.costMicros);
    await told(account, []);
    await watch.order('p_2', 'working');
    await account.expectSound();
  });
});
