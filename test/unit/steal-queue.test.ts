/** How a process's queue of thieves uses the mutex. */
import { expect, it } from 'vitest';
import { StealQueue, type StealQueueOptions } from '../../src/coordinator/steal-queue.ts';
import type { OrderWish } from '../../src/domain/order.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';

const never = new AbortController().signal;

/**
 * A queue on a ledger that answers so to each steal. `seen`: how often the mutex was taken and given back,
 * steals, and the most steals that were under way at once.
 */
function aQueue(answer: () => Promise<string[]>, options: Partial<StealQueueOptions> = {}) {
  const seen = { taken: 0, givenBack: 0, steals: 0, most: 0 };
  let underWay = 0;
  const ledger = {
    account: 'a',
    serverId: async () => 'server',
    async run() {
      seen.steals += 1;
      underWay += 1;
      seen.most = Math.max(seen.most, underWay);
      const reply = await answer();
      underWay -= 1;
      return reply;
    },
  } as unknown as Ledger;
  const held = {
    value: 'v',
    extend: async () => true,
    async release() {
      seen.givenBack += 1;
    },
  };
  const mutex = {
    async acquire() {
      seen.taken += 1;
      return held;
    },
    tryAcquire: async () => held,
  };
  const queue = new StealQueue({ ledger, mutex, leaseMs: 1_000, log: { warn: () => {} }, ...options });
  return { queue, seen };
}

function thieves(queue: StealQueue, count: number) {
  return Promise.all(
    Array.from({ length: count }, (_, at) => {
      const terms = { id: `t${at}`, symbol: 'T', side: 'buy', kind: 'entry', mode: 'normal' } as const;
      const wish: OrderWish = { ...terms, limit: '1', qty: '1', owner: 'host' };
      return queue.attempt(wish, never);
    }),
  );
}

it('serves more thieves than it has lanes while it holds the mutex once', async () => {
  const { queue, seen } = aQueue(async () => ['no_candidates'], { atOnce: 4, holdMs: 60_000 });
  expect(await thieves(queue, 40)).toHaveLength(40);
  await queue.close();
  expect(seen).toEqual({ taken: 1, givenBack: 1, steals: 40, most: 4 });
});

it('gives the mutex back after its time, though thieves wait, and takes it again', async () => {
  const { queue, seen } = aQueue(async () => ['no_candidates'], { atOnce: 4, holdMs: 0 });
  await thieves(queue, 12);
  await queue.close();
  expect(seen).toEqual({ taken: 3, givenBack: 3, steals: 12, most: 4 });
});

it('ends its hold where the mutex was lost, and refuses a thief that met that three times', async () => {
  const { queue, seen } = aQueue(async () => ['lock_lost'], { atOnce: 4, holdMs: 60_000 });
  const outcomes = await thieves(queue, 4);
  await queue.close();
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(4).fill('lock_lost'));
  expect(seen).toEqual({ taken: 3, givenBack: 3, steals: 12, most: 4 });
});
