/** src/mirror/past: the last half hour, also of the time before the mirror was opened. */
import { pino } from 'pino';
import { expect, it, onTestFinished } from 'vitest';
import { key } from '../../src/ledger/keys.ts';
import { type Mirror, openMirror } from '../../src/mirror/mirror.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';
import { spreadEvents } from '../support/spread-events.ts';

const ledgers = useLedgers();
const MINUTE_MS = 60_000;
const DOLLAR = 1_000_000;

async function mirrorOf({ ledger }: TestAccount): Promise<Mirror> {
  const mirror = await openMirror({ ledger, redisUrl: ledgers.url, log: pino({ level: 'silent' }) });
  onTestFinished(() => mirror.close());
  return mirror;
}

/** An order that is taken, a steal that is granted, one that waits. */
async function aBusyQuarter(account: TestAccount): Promise<void> {
  await account.place(anOrder('old').of('OLD').worth(600).pnl('1'));
  await account.advance(5 * MINUTE_MS);
  await account.place(anOrder('age').of('AGE').worth(400).pnl('2'));
  await account.prices({ OLD: '12', AGE: '12', NEW: '10', MORE: '10', FAR: '20' });
  await account.steal(anOrder('new').of('NEW').worth(500).pnl('9'));
  await account.advance(2_000);
  await account.end('old', 'cancelled');
  await account.send('new');
  await account.advance(5 * MINUTE_MS);
  await account.sync('1000');
  await account.prices({ OLD: '12', AGE: '12', NEW: '10', MORE: '10', FAR: '20' });
  await account.steal(anOrder('far').of('FAR').worth(500).pnl('9'));
  await account.steal(anOrder('more').of('MORE').worth(400).pnl('20'));
  await account.advance(3_000);
}

it('tells of the time before it was opened from the events', async () => {
  const account = await ledgers.account();
  await aBusyQuarter(account);
  await spreadEvents(account, account.healthMs());
  const { past } = await mirrorOf(account);
  const last = past.capacity.at(-1);
  expect(last).toEqual({
    atMs: account.healthMs(),
    capMicros: 1_000 * DOLLAR,
    positionsMicros: 0,
    ordersMicros: 1_000 * DOLLAR,
    workingMicros: 500 * DOLLAR,
    reservedMicros: 0,
    cancellingMicros: 400 * DOLLAR,
    earmarkedMicros: 100 * DOLLAR,
  });
  // Ten minutes, a sample in ten seconds, and the mirror's own of now.
  const orders = past.capacity.map(({ ordersMicros }) => ordersMicros / DOLLAR);
  expect(orders).toHaveLength(61);
  expect([orders[0], orders[15], orders[31], orders.at(-2)]).toEqual([600, 600, 900, 900]);
  expect(past.eventsFromMs).toBe(account.healthMs() - 10 * MINUTE_MS - 5_000);
  expect(past.summary).toMatchObject({
    pairs: [
      { thief: 'MORE', victim: 'AGE', steals: 1 },
      { thief: 'NEW', victim: 'OLD', steals: 1, lastAtMs: account.healthMs() - 5 * MINUTE_MS - 5_000 },
    ],
    steals: 2,
    cancels: { count: 1, p50Ms: 2_000, lastMs: 2_000, waiting: 1 },
  });
  expect(past.refused).toEqual([
    { atMs: account.healthMs() - 5_000, reasons: [{ reason: 'not_close_enough', count: 1 }] },
  ]);
});

it('follows what happens, counts refusals that have no event, and marks fights', async () => {
  const account = await ledgers.account();
  const mirror = await mirrorOf(account);
  await account.prices({ A: '10', B: '10', FAR: '20' });
  await account.place(
    anOrder('big').of('ZZZ').worth(900).pnl('50'),
    anOrder('b0').of('B').worth(100).pnl('1'),
  );
  // No two at one instant of a clock that stands still: the ledger would show one.
  const refuse = async (): Promise<void> => {
    await account.advance(1);
    await account.steal(anOrder('far').of('FAR').worth(500).pnl('9'));
  };
  for (let at = 0; at < 3; at += 1) await refuse();
  await mirror.settled(AbortSignal.timeout(20_000));
  expect(mirror.past.refused.at(-1)?.reasons).toEqual([{ reason: 'not_close_enough', count: 3 }]);
  await refuse();
  await expect
    .poll(() => mirror.past.refused.at(-1)?.reasons, { timeout: 60_000 })
    .toEqual([{ reason: 'not_close_enough', count: 4 }]);
  const untilMs = account.nowMs() + MINUTE_MS;
  await account.ledger.redis.zadd(key(account.name, 'fights'), untilMs, 'A|B', account.nowMs(), 'C|D');
  await expect
    .poll(() => mirror.past.summary.fights, { timeout: 60_000 })
    .toEqual([{ symbols: ['A', 'B'], untilMs }]);
});

it('reads again after the ledger was emptied', async () => {
  const account = await ledgers.account();
  await aBusyQuarter(account);
  const mirror = await mirrorOf(account);
  expect(mirror.past.summary.steals).toBe(2);
  await account.ledger.redis.del(key(account.name, 'events'));
  await account.place(anOrder('later').of('LATE').worth(1).pnl('1')).catch(() => {});
  await account.admit(anOrder('exit').of('OLD').worth(1));
  await expect.poll(() => mirror.past.summary.steals, { timeout: 60_000 }).toBe(0);
});
