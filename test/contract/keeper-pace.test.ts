import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { setLedgerSpeed } from '../../src/keeper/ledger-speed.ts';
import { readClock } from '../../src/ledger/clock-reading.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { useRedis } from '../support/fixtures.ts';
import { freshAccount } from '../support/redis.ts';

const { settings: rules } = readSettings({});
const SYNC_MAX_AGE_MS = 10_000;

describe('A harness that paces the ledger', () => {
  const redis = useRedis();
  let ledger: Ledger;
  beforeAll(async () => {
    ledger = await openLedger(redis.url, freshAccount('pace'));
  });
  afterAll(async () => {
    await ledger?.close();
  });

  it("makes a new account's time run faster from now on, and leaves a known account's alone", async () => {
    await setLedgerSpeed(ledger, rules, SYNC_MAX_AGE_MS, 60);
    const first = await readClock(ledger);
    expect(first.scale).toBe(60);
    expect(Math.abs(first.nowMs - first.healthMs)).toBeLessThan(60 * 1_000);
    await setLedgerSpeed(ledger, rules, SYNC_MAX_AGE_MS, 3);
    expect((await readClock(ledger)).setting).toBe(first.setting);
  });
});
