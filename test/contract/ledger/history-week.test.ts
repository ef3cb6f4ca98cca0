/**
 * Days of steals in seconds: after the first HISTORY_TTL the account's memory stays constant. `node
 * bench/week.ts` does the same at one steal per second.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { footprint, openSteady, run, sumOf } from '../../../bench/steady.ts';
import { audit } from '../../../src/ledger/commands/audit.ts';
import { claimPlans, filePlan, notePlan, type Plan } from '../../../src/ledger/commands/plans.ts';
import { remember } from '../../../src/ledger/commands/remember.ts';
import { type Ledger, openLedger } from '../../../src/ledger/ledger.ts';
import { useRedis } from '../../support/fixtures.ts';
import { NOW_MS } from '../../support/ledger.ts';
import { freshAccount } from '../../support/redis.ts';

const redis = useRedis();
let ledger: Ledger;
beforeAll(async () => {
  ledger = await openLedger(redis.url, freshAccount('week'));
});
afterAll(async () => {
  await ledger.close();
});

const MINUTE_MS = 60_000;
const DAYS = 2;
/** Bounded by their own length, which takes longer to reach than this test: `events` at about 20,000. */
const BOUNDED_OTHERWISE = ['events'];

function aPlan(id: string): Plan {
  const base = {
    id,
    symbol: 'PPP',
    side: 'buy',
    mode: 'normal',
    limit: '1',
    qty: '1',
    pnl: '1',
    pool: '',
    takeProfit: '',
  } as const;
  return { ...base, startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'week' };
}

it('takes no more keys and memory after days of steals, fights and plans than after hours', {
  timeout: 60_000,
}, async () => {
  const steady = await openSteady(ledger, { startMs: NOW_MS, everyMs: MINUTE_MS, symbols: 40 });
  const hours: { keys: number; bytes: number }[] = [];
  for (let hour = 0; hour < DAYS * 24; hour += 1) {
    for (const at of [3, 2, 1]) {
      const pair = { thiefSymbol: `X${hour % 5}`, victimSymbol: `Y${hour % 5}` };
      await remember(ledger, { id: `f${hour}-${at}`, ...pair, atMs: steady.nowMs - at * MINUTE_MS });
    }
    await filePlan(ledger, aPlan(`p${hour}`));
    await claimPlans(ledger, 'host', 1_000, 10);
    await notePlan(ledger, 'host', { id: `p${hour}`, stage: 'done', attempt: 1, exitAttempt: 0 });
    await run(steady, 60);
    hours.push(sumOf(await footprint(ledger), BOUNDED_OTHERWISE));
  }
  expect((await audit(ledger))?.faults).toEqual([]);
  // The first hour fills the history, the next ones name the last symbols.
  const first = most(hours.slice(2, 8));
  const last = most(hours.slice(-6));
  expect(last.keys).toBeLessThanOrEqual(first.keys);
  expect(last.bytes / first.bytes).toBeLessThan(1.03); // longer ids and numbers, a table that was resized
  expect(first.keys).toBeGreaterThan(3 * 60); // what an hour leaves is there at all
});

function most(samples: readonly { keys: number; bytes: number }[]): { keys: number; bytes: number } {
  return {
    keys: Math.max(...samples.map(({ keys }) => keys)),
    bytes: Math.max(...samples.map(({ bytes }) => bytes)),
  };
}
