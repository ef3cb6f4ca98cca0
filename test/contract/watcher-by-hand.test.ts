/**
 * A person cancels a plan's order at the broker: it is not placed again at once, and the ledger records the
 * reason.
 */
import { describe, expect, it } from 'vitest';
import type { Watching } from '../support/watching.ts';
import { watchingSuite } from '../support/watching-suite.ts';

const { account: anAccount, worldOf } = watchingSuite();

const HOUR_MS = 3_600_000;

/** @param sinceMs how long ago the ledger was rebuilt when the first order is sent */
async function world(sinceMs = 1): Promise<Watching> {
  const account = await anAccount();
  await account.advanceHealth(sinceMs);
  const made = await worldOf(account);
  made.price('AAPL', '100.5');
  return made;
}

describe('an entry that a person cancelled', () => {
  it('ends its plan', async () => {
    const made = await world();
    made.host('one');
    await made.file({ id: 'p' });
    await made.order('p_1', 'working');
    await made.person.cancel('p_1');
    await made.reached('p', 'withdrawn');
    expect(await made.plan('p')).toMatchObject({ reason: 'cancelled_by_hand', attempt: 1 });
    expect(await made.account.order('p_1')).toMatchObject({ state: 'cancelled', reason: 'by_hand' });
  });

  it('pauses its plan where that is the rule, on any host, and it goes on afterwards', async () => {
    const made = await world();
    const byHand = { entry: 'pause', pauseMs: HOUR_MS } as const;
    const one = made.host('one', { byHand });
    await made.file({ id: 'p' });
    await made.order('p_1', 'working');
    await made.person.cancel('p_1');
    await made.order('p_1', 'cancelled');
    await one.stop();
    made.host('two', { byHand });
    await expect.poll(async () => (await made.plan('p')).owner).toBe('two');
    await made.account.advanceLedger(HOUR_MS - 1);
    made.price('AAPL', '100.4');
    await expect.poll(async () => await made.account.field('quotes', 'AAPL')).toMatch(/^100.4 /);
    expect(await made.plan('p')).toMatchObject({ stage: 'entering', attempt: 1 });
    await made.account.advanceLedger(1);
    await made.order('p_2', 'working');
  });

  it('says nothing of a person while the record may have been lost', async () => {
    const made = await world(0);
    made.host('one');
    await made.file({ id: 'p' });
    await made.order('p_1', 'working');
    await made.person.cancel('p_1');
    await made.order('p_2', 'working');
    expect(await made.account.order('p_1')).toMatchObject({ reason: 'cancelled' });
  });
});

describe('an exit that a person cancelled', () => {
  it('is placed again a while later', async () => {
    const made = await world();
    made.host('one', { byHand: { entry: 'withdraw', pauseMs: HOUR_MS } });
    await made.file({ id: 'p' });
    await made.order('p_1', 'working');
    made.price('AAPL', '100');
    await made.order('p_x1', 'working');
    await made.person.cancel('p_x1');
    await made.order('p_x1', 'cancelled');
    await made.account.advanceLedger(HOUR_MS - 1);
    made.price('AAPL', '100.2');
    await expect.poll(async () => await made.account.field('quotes', 'AAPL')).toMatch(/^100.2 /);
    expect(await made.plan('p')).toMatchObject({ stage: 'exiting', exitAttempt: 1 });
    await made.account.advanceLedger(1);
    await made.order('p_x2', 'working');
  });
});
