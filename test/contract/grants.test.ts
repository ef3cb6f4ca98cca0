/** The wait of a pending thief for its grant: what ends it (docs/architecture.md, 5). */
import { afterEach, describe, expect, it } from 'vitest';
import type { EventFeed, EventListener } from '../../src/coordinator/event-feed.ts';
import { Grants, type Waited } from '../../src/coordinator/grants.ts';
import { betterOrders, pricesFor, worseOrders } from '../support/coordination.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, LEASE_MS, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
const closing: Grants[] = [];
afterEach(() => {
  for (const grants of closing.splice(0)) grants.close();
});

const [thief = anOrder('none')] = betterOrders(1, 300);

/** A thief that waits for its victims, and hears of nothing but what the test says. No poll helps. */
async function waiting(): Promise<{
  account: TestAccount;
  say: (type: string, id: string) => void;
  waited: Promise<Waited>;
}> {
  const account = await ledgers.account();
  await pricesFor(account, worseOrders(10, 100), [thief]);
  await account.place(...worseOrders(10, 100));
  expect((await account.steal(thief)).outcome).toBe('stolen');
  const listeners: EventListener[] = [];
  const events: Pick<EventFeed, 'listen' | 'hurry'> = {
    listen: (listener) => {
      listeners.push(listener);
      return () => {};
    },
    hurry: () => () => {},
  };
  const log = { warn: () => {} };
  const { ledger } = account;
  const grants = new Grants({ ledger, events, leaseMs: LEASE_MS, log, pollMs: 1_000_000 });
  closing.push(grants);
  const waited = grants.wait(thief.wish, 10_000, new AbortController().signal);
  return {
    account,
    say: (type, id) => {
      for (const { onEvent } of listeners) onEvent({ id: '1-0', type, fields: { order: id } });
    },
    waited,
  };
}

describe('the wait for a grant', () => {
  it('ends with the event of the grant, without another read of the order', async () => {
    const { account, say, waited } = await waiting();
    say('granted', thief.wish.id);
    await expect(waited).resolves.toBe('granted');
    expect((await account.order(thief.wish.id)).state).toBe('pending');
  });

  it('ends with the order where its steal failed', async () => {
    const { account, say, waited } = await waiting();
    for (const victim of ['worse-0', 'worse-1', 'worse-2']) await account.end(victim, 'filled', '10');
    say('steal_failed', thief.wish.id);
    await expect(waited).resolves.toMatchObject({ id: thief.wish.id, state: 'rejected' });
  });

  it('goes on behind the events of other orders', async () => {
    const { say, waited } = await waiting();
    say('granted', 'worse-0');
    say('ended', 'worse-0');
    say('granted', thief.wish.id);
    await expect(waited).resolves.toBe('granted');
  });
});
