/** A watcher's estimate of ledger time between two readings: real, scaled, stopped, or reset by a test. */
import { expect, it } from 'vitest';
import { setClock } from '../../src/ledger/commands/clock.ts';
import { LedgerClock } from '../../src/watcher/ledger-clock.ts';
import { useLedgers } from '../support/fixtures.ts';
import { NOW_MS } from '../support/ledger.ts';

const ledgers = useLedgers();
let monotonicMs = 0;

it('knows no time before it was read', async () => {
  const clock = new LedgerClock(await ledgers.bare(), () => monotonicMs);
  expect(clock.nowMs()).toBeUndefined();
});

it('stands still while a harness sets it by hand, and moves when that does, backwards too', async () => {
  const account = await ledgers.account();
  const clock = new LedgerClock(account.ledger, () => monotonicMs);
  await clock.read();
  expect(clock.nowMs()).toBe(NOW_MS);
  monotonicMs += 60_000;
  expect(clock.nowMs()).toBe(NOW_MS);
  await account.advanceLedger(5_000);
  await clock.read();
  expect(clock.nowMs()).toBe(NOW_MS + 5_000);
  await account.advanceLedger(-10_000);
  await clock.read();
  expect(clock.nowMs()).toBe(NOW_MS - 5_000);
});

it('runs at the pace of a scaled clock, and never back between readings', async () => {
  const account = await ledgers.account();
  await setClock(account.ledger, { mode: 'scaled', nowMs: NOW_MS, scale: '60' });
  const clock = new LedgerClock(account.ledger, () => monotonicMs);
  await clock.read();
  const before = clock.nowMs() ?? 0;
  expect(before).toBeGreaterThanOrEqual(NOW_MS);
  monotonicMs += 600_000; // this host's stopwatch runs off, far ahead of the ledger
  const ahead = clock.nowMs() ?? 0;
  expect(ahead - before).toBe(36_000_000);
  await clock.read();
  expect(clock.nowMs()).toBe(ahead);
  expect(clock.scale).toBe(60);
});

it('is real time by default', async () => {
  const account = await ledgers.account();
  await setClock(account.ledger, { mode: 'real' });
  const clock = new LedgerClock(account.ledger, () => monotonicMs);
  await clock.read();
  const [seconds] = await account.ledger.redis.time();
  expect(Math.abs((clock.nowMs() ?? 0) - Number(seconds) * 1000)).toBeLessThan(5_000);
});
