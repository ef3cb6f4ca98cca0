/**
 * Caps that follow the market's session: at the close, the opening and an early close, by ledger time (I1).
 */
import { afterEach, describe, expect, it } from 'vitest';
import { SessionCaps } from '../../src/keeper/session-caps.ts';
import { setClock } from '../../src/ledger/commands/clock.ts';
import { key } from '../../src/ledger/keys.ts';
import type { BrokerDay } from '../../src/rules/broker-calendar.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';
import { type Stage, startStage, until } from '../support/keeper.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
let stage: Stage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

const signal = new AbortController().signal;
const ENV = { WORK_STEALING_LEVERAGE: '4/2', WORK_STEALING_POOLS: 'crypto:1,stock:4/2' };

/**
 * Equity 1,000; `at` sets the ledger's time, lets the caps follow, and tells total's, crypto's and stock's in
 * dollars.
 */
async function anAccount(env: Readonly<Record<string, string>> = ENV, brokerDays?: BrokerDay[]) {
  const account = await ledgers.account({ env });
  const said: string[] = [];
  const log = { info: (...args: unknown[]) => void said.push(String(args[1])), warn: () => {} };
  const asked: string[] = [];
  let monotonicMs = 0;
  const calendar = async (from: string): Promise<BrokerDay[]> => {
    asked.push(from);
    if (brokerDays === undefined) throw new Error('no calendar');
    return brokerDays;
  };
  const caps = new SessionCaps({
    ...{ ledger: account.ledger, rules: readSettings(env).settings, syncMaxAgeMs: 600_000, log },
    ...{ broker: { calendar }, monotonicMs: () => monotonicMs },
  });
  const at = async (time: string): Promise<number[]> => {
    await setClock(account.ledger, { mode: 'manual', nowMs: Date.parse(time), healthMs: account.healthMs() });
    await caps.follow(signal);
    return await dollars(account);
  };
  const wait = (ms: number) => {
    monotonicMs += ms;
  };
  return { account, caps, at, said, asked, wait };
}

async function dollars(account: TestAccount): Promise<number[]> {
  const caps = ['total', 'crypto', 'stock'].map((pool) => account.field('account', `cap_micros:${pool}`));
  return (await Promise.all(caps)).map((cap) => Number(cap) / 1e6);
}

const DAY = [4_000, 1_000, 4_000];
const NIGHT = [2_000, 1_000, 2_000];

describe('the caps', () => {
  it.each([
    ['a regular day, in winter', '2025-01-15', '14:30:00', '21:00:00'],
    ['a regular day, in summer', '2025-07-15', '13:30:00', '20:00:00'],
    ['the day after Thanksgiving, which closes at 13:00', '2025-11-28', '14:30:00', '18:00:00'],
  ])(
    'are those of the session from its first instant to its last, and no longer: %s',
    async (_, date, opens, closes) => {
      const { account, at, said } = await anAccount();
      const instant = (time: string, offsetMs: number) =>
        new Date(Date.parse(`${date}T${time}Z`) + offsetMs).toISOString();
      expect(await at(instant(opens, -1))).toEqual(NIGHT);
      expect(await at(instant(opens, 0))).toEqual(DAY);
      expect(await at(instant(closes, -1))).toEqual(DAY);
      expect(await at(instant(closes, 0))).toEqual(NIGHT);
      expect(said).toEqual([
        'the market is open: leverage total 2 -> 4, stock 2 -> 4',
        'the market is closed: leverage total 4 -> 2, stock 4 -> 2',
      ]);
      await account.expectSound();
    },
  );

  it.each([
    ['a weekend', '2025-01-18T16:00:00Z'],
    ['a holiday', '2025-07-04T16:00:00Z'],
    ['a closure of its own', '2025-07-16T16:00:00Z'],
  ])('stay those out of hours on %s', async (_, time) => {
    const { at } = await anAccount({ ...ENV, NYSE_CLOSURES: '2025-07-16' });
    expect(await at(time)).toEqual(NIGHT);
  });

  it('close when the broker says so, asked once per day, or once per minute until it answers', async () => {
    const date = '2025-01-15';
    const early = await anAccount(ENV, [{ date, open: '09:30', close: '12:00' }]);
    expect(await early.at(`${date}T16:59:59.999Z`)).toEqual(DAY);
    early.wait(60_000);
    expect(await early.at(`${date}T17:00:00Z`)).toEqual(NIGHT);
    expect(early.asked).toHaveLength(1);
    const silent = await anAccount();
    expect(await silent.at(`${date}T17:00:00Z`)).toEqual(DAY);
    silent.wait(59_999);
    await silent.at(`${date}T17:00:01Z`);
    expect(silent.asked).toHaveLength(1);
    silent.wait(1);
    await silent.at(`${date}T17:00:02Z`);
    expect(silent.asked).toHaveLength(2);
  });

  it('are not changed while they are right, or if no pool has two leverages', async () => {
    const { account, at } = await anAccount();
    await at('2025-01-15T15:00:00Z');
    const before = await account.keyspace();
    expect(await at('2025-01-15T15:00:00Z')).toEqual(DAY);
    expect(await account.keyspace()).toEqual(before);
    const plain = await anAccount({ WORK_STEALING_LEVERAGE: '2' });
    const untouched = await plain.account.keyspace();
    await plain.caps.follow(signal);
    expect(await plain.account.keyspace()).toEqual(untouched);
  });

  it('keep the settings’ fingerprint, whichever are in force', async () => {
    const { account, at } = await anAccount();
    await at('2025-01-15T15:00:00Z');
    const day = await account.field('settings', 'fingerprint');
    await at('2025-01-15T22:00:00Z');
    expect(await account.field('settings', 'fingerprint')).toBe(day);
  });

  it('that fall below exposure cancel nothing and admit nothing until the morning', async () => {
    const { account, at } = await anAccount();
    await at('2025-01-15T15:00:00Z');
    await account.place(anOrder('a').in('stock').worth(3_000));
    await at('2025-01-15T21:00:00Z');
    expect(await account.order('a')).toMatchObject({ state: 'working' });
    expect(await account.admit(anOrder('b').of('BBB').in('crypto').worth(1))).toMatchObject({
      outcome: 'no_price',
    });
    await at('2025-01-16T14:30:00Z');
    expect(await account.admit(anOrder('b').of('BBB').in('crypto').worth(1))).toMatchObject({
      outcome: 'fits',
    });
    await account.expectSound();
  });
});

it('a keeper starts with the right caps, and follows the ledger’s time within seconds', async () => {
  stage = await startStage(ledgers.url, {}, ENV);
  const { ledger, account } = stage;
  const cap = async () => Number(await ledger.redis.hget(key(account, 'account'), 'cap_micros:total')) / 1e6;
  const running = (time: string) => setClock(ledger, { mode: 'scaled', nowMs: Date.parse(time), scale: '1' });
  const first = await stage.keeper();
  await until('the ledger is open', async () => (await cap()) > 0);
  await running('2025-01-15T15:00:00Z');
  await until('the caps are the session’s', async () => (await cap()) === 400_000);
  await running('2025-01-15T20:59:59.500Z');
  await until('the market has closed', async () => (await cap()) === 200_000);
  await first.stop();
  await running('2025-01-16T15:00:00Z');
  await stage.keeper();
  await until('the next keeper is in office', async () => (await cap()) === 400_000);
  await stage.agrees();
});
