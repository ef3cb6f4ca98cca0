/**
 * One invalid value in a field: readers continue, or mark the book as damaged, and one repair fixes it (I2,
 * I7, I8).
 */
import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/ledger/commands/audit.ts';
import { tellCash } from '../../../src/ledger/commands/cash.ts';
import { readClosures } from '../../../src/ledger/commands/closures.ts';
import { configure } from '../../../src/ledger/commands/configure.ts';
import { isDamaged, mend } from '../../../src/ledger/commands/mend.ts';
import { replacePlan, type TermedPlan } from '../../../src/ledger/commands/plan-series.ts';
import { claimPlans, filePlan, notePlan } from '../../../src/ledger/commands/plans.ts';
import { release } from '../../../src/ledger/commands/release.ts';
import { snapshot } from '../../../src/ledger/commands/snapshot.ts';
import { sync } from '../../../src/ledger/commands/sync.ts';
import { key } from '../../../src/ledger/keys.ts';
import type { Ledger } from '../../../src/ledger/ledger.ts';
import { readSettings } from '../../../src/rules/settings.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { anOrder, SYNC_MAX_AGE_MS, TEST_RULES } from '../../support/ledger.ts';

const ledgers = useLedgers();

const PLAN = {
  symbol: 'AAA',
  side: 'buy',
  mode: 'normal',
  limit: '10',
  qty: '10',
  pnl: '1',
  pool: '',
  takeProfit: '11',
} as const;
const aPlan = (id: string): TermedPlan => ({
  ...PLAN,
  id,
  startsAtMs: 0,
  expiresAtMs: 0,
  holdMs: 0,
  strategy: 's',
  terms: id,
});
const { settings } = readSettings(TEST_RULES);

/** A keeper's round, on the real clock. Throws where it fails; then it is made again. */
async function round(ledger: Ledger): Promise<void> {
  await mend(ledger);
  await configure(ledger, settings, SYNC_MAX_AGE_MS);
  await mend(ledger);
  const healthMs = Number((await snapshot(ledger))?.healthMs);
  await tellCash(ledger, 1_000_000_000, healthMs, 1_000);
  expect((await sync(ledger, 1_000_000_000, healthMs, [])).outcome).toBe('synced');
}

describe('a field of the account that is odd or gone', () => {
  it('is mended within three rounds, on a real clock', { timeout: 180_000 }, async () => {
    const ledger = await ledgers.bare();
    await round(ledger);
    await round(ledger);
    const account = key(ledger.account, 'account');
    const fields = Object.keys(await ledger.redis.hgetall(account));
    expect(fields).toEqual(
      expect.arrayContaining(['health_high_ms', 'cap_micros:cash', 'cash_seen_ms', 'cash_told_ms']),
    );
    for (const field of fields) {
      for (const isOdd of [true, false]) {
        if (isOdd) await ledger.redis.hset(account, field, 'odd');
        else await ledger.redis.hdel(account, field);
        const failures: string[] = [];
        for (let i = 0; i < 3; i += 1)
          await round(ledger).catch((error: Error) => void failures.push(error.message));
        const where = `${field} ${isOdd ? 'odd' : 'gone'}: ${failures.join('; ')}`;
        expect(failures.length, where).toBeLessThan(3);
        expect(await isDamaged(ledger), where).toBe(false);
        expect((await audit(ledger))?.faults, where).toEqual([]);
      }
    }
  });
});

describe('a field of a plan that is odd', () => {
  it.each([
    'attempt',
    'exit_attempt',
    'entry_due_ms',
    'exit_due_ms',
    'held_since_ms',
    'refused',
    'paused_until_ms',
    'stage',
    'pnl',
  ])('%s keeps its host from nothing', async (field) => {
    const { ledger } = await ledgers.account();
    await filePlan(ledger, aPlan('p'));
    await claimPlans(ledger, 'h', 60_000, 10);
    await ledger.redis.hset(key(ledger.account, 'plan:p'), field, 'odd');
    const noted = await notePlan(ledger, 'h', { id: 'p', stage: 'exiting', attempt: 2, exitAttempt: 1 });
    expect(noted.outcome).toBe('noted');
    expect(await isDamaged(ledger)).toBe(false);
  });

  it('of its place: the latest plan that is there is the one that is replaced', async () => {
    const { ledger } = await ledgers.account();
    await replacePlan(ledger, aPlan('a'));
    await replacePlan(ledger, { ...aPlan('a'), terms: 'second' });
    await ledger.redis.hset(key(ledger.account, 'planned:s'), 'AAA buy', 'odd');
    const third = await replacePlan(ledger, { ...aPlan('a'), terms: 'third' });
    expect(third).toEqual({ outcome: 'filed', id: 'a-3', replaced: 'a-2', how: 'withdrawn' });
    expect(await isDamaged(ledger)).toBe(false);
  });
});

describe('a lost record of a steal', () => {
  const stolen = async () => {
    const account = await ledgers.account();
    await account.place(anOrder('victim').of('VVV').worth(900));
    await account.prices({ VVV: '11', TTT: '10' });
    expect(await account.steal(anOrder('thief').of('TTT').worth(500).pnl('5'))).toMatchObject({
      outcome: 'stolen',
    });
    return account;
  };

  it('closes nothing where its thief has left', async () => {
    const account = await stolen();
    await release(account.ledger, 'thief', 'gave_up');
    await account.ledger.redis.del(key(account.name, 'steal:thief'));
    await account.end('victim', 'cancelled');
    expect(await readClosures(account.ledger)).toEqual([]);
    await account.expectSound();
  });

  it('closes the account where its thief waits, until the next reconciliation rebuilt it', async () => {
    const account = await stolen();
    await account.ledger.redis.del(key(account.name, 'steal:thief'));
    await account.end('victim', 'cancelled');
    expect(await readClosures(account.ledger)).toMatchObject([{ cause: 'fault' }]);
    await account.advance(1_000);
    expect(await account.sync('1000')).toMatchObject({ rebuilt: true });
    expect(await readClosures(account.ledger)).toEqual([]);
  });
});

it('a lease that Redis ends does not last longer after its clock was set back', async () => {
  const account = await ledgers.account();
  const { redis: client } = account.ledger;
  const leases = ['mutex', 'keeper', 'cancel:cancel:stalled-check', 'cancel:cancel:a.b:lock'].map((name) =>
    key(account.name, name),
  );
  for (const lease of leases) await client.set(lease, '1', 'PX', 120_000);
  await client.hset(key(account.name, 'account'), 'damaged', '1');
  await mend(account.ledger);
  for (const lease of leases) {
    const leftMs = await client.pttl(lease);
    expect(leftMs > 0 && leftMs <= 10_000, `${lease}: ${leftMs}`).toBe(true);
  }
});
