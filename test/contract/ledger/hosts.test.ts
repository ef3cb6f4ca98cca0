/** Hosts in the ledger: which are present, their settings, and the effect of differing settings. */
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { configCommand } from '../../../src/cli/config.ts';
import { Heartbeat } from '../../../src/coordinator/heartbeat.ts';
import { admit } from '../../../src/ledger/commands/admit.ts';
import { noteHost } from '../../../src/ledger/commands/hosts.ts';
import { steal } from '../../../src/ledger/commands/steal.ts';
import { key } from '../../../src/ledger/keys.ts';
import { poolRule } from '../../../src/rules/pools.ts';
import { type Env, fingerprint, readSettings } from '../../../src/rules/settings.ts';
import type { LogLine } from '../../support/coordination.ts';
import { useLedgers } from '../../support/fixtures.ts';
import { runScript } from '../../support/inspection.ts';
import { anOrder, LEASE_MS, type OrderBuilder, TEST_RULES, type TestAccount } from '../../support/ledger.ts';

const ledgers = useLedgers();

/** Of the settings that a test account has. */
const SAME = fingerprint(readSettings(TEST_RULES).settings);
const OTHER = fingerprint(readSettings({}).settings);

async function hosts({ ledger, name }: TestAccount): Promise<string[]> {
  return (await ledger.redis.zrange(key(name, 'hosts'), 0, '-1')).sort();
}

describe('a host whose settings are not the account’s', () => {
  const thief = anOrder('t').of('TTT').worth(500).pnl('10').plan('p');

  it('does not steal, and gets both fingerprints; with the account’s settings it does steal', async () => {
    const account = await ledgers.account();
    await account.prices({ AAA: '11', TTT: '10' });
    await account.place(anOrder('a').worth(1_000));
    const before = await account.book();
    const numbers = { why: 'settings_differ', host_settings: OTHER, account_settings: SAME };
    expect(await steal(account.ledger, thief.wish, LEASE_MS, '', OTHER)).toMatchObject({
      outcome: 'disabled',
      numbers,
    });
    expect(await account.book()).toEqual(before);
    expect(await runScript(account, 'why', ['p'])).toContain(
      `its host may not steal: it uses settings ${OTHER}, the account uses ${SAME}`,
    );
    expect(await steal(account.ledger, thief.wish, LEASE_MS, '', SAME)).toMatchObject({ outcome: 'stolen' });
  });

  it('gets the room that there is', async () => {
    const account = await ledgers.account();
    expect(await steal(account.ledger, thief.wish, LEASE_MS, '', OTHER)).toMatchObject({ outcome: 'fits' });
  });

  it('tells a person instead of the log, where there is one', async () => {
    const account = await ledgers.account();
    const [lines, told]: [string[], string[][]] = [[], []];
    const heartbeat = new Heartbeat({
      ...{ ledger: account.ledger, host: 'h2', role: 'plan', fingerprint: OTHER },
      log: pino({}, { write: (line: string) => void lines.push(line) }),
      onDiffer: (...both) => void told.push(both),
    });
    await noteHost(account.ledger, { host: 'h1', role: 'keep', fingerprint: SAME });
    await heartbeat.beat();
    await heartbeat.beat();
    expect({ lines, told }).toEqual({ lines: [], told: [[OTHER, SAME]] });
  });

  it('warns once, says when they agree again, and is named by status', async () => {
    const account = await ledgers.account();
    const lines: LogLine[] = [];
    const log = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) });
    const heartbeat = new Heartbeat({
      ledger: account.ledger,
      host: 'h2',
      role: 'watch',
      fingerprint: OTHER,
      log,
    });
    await noteHost(account.ledger, { host: 'h1', role: 'keep', fingerprint: SAME });
    await heartbeat.beat();
    await heartbeat.beat();
    expect(lines).toMatchObject([{ level: 40, hostSettings: OTHER, accountSettings: SAME }]);
    expect(lines[0]?.msg).toContain(`this host's settings (${OTHER}) are not the account's (${SAME})`);
    const status = await runScript(account, 'status', []);
    expect(status).toContain(
      '1 of 2 hosts use other settings and do not steal; hosts with other pools enter nothing: h2',
    );
    const values = JSON.parse(await runScript(account, 'status', ['json']));
    expect(values).toMatchObject({
      fingerprint: SAME,
      hosts: [
        { host: 'h2', agrees: false },
        { host: 'h1', role: 'keep', agrees: true },
      ],
    });

    await account.configure({
      WORK_STEALING_LEVERAGE: '2',
      WORK_STEALING_SHORT_MARGIN: '0.03',
      WORK_STEALING_QUOTE_MAX_JUMP: '0.2',
    });
    await heartbeat.beat();
    expect(lines.map(({ level }) => level)).toEqual([40, 30]);
  });
});

describe('a host that puts symbols into other pools than the account', () => {
  const env = { WORK_STEALING_POOLS: 'crypto:0.5' };
  const ruleOf = (changes: Env): string =>
    poolRule(readSettings({ ...TEST_RULES, ...env, ...changes }).settings);
  const enter = (account: TestAccount, wish: OrderBuilder, rule: string) =>
    admit(account.ledger, wish.wish, LEASE_MS, undefined, rule);

  it.each<[string, Env]>([
    ['has no pool of that name', { WORK_STEALING_POOLS: '' }],
    ['has one more', { WORK_STEALING_POOLS: 'crypto:0.5,stock:1' }],
    ['knows other cryptos', { CRYPTO_SYMBOLS: 'ETHUSD' }],
  ])('that %s enters nothing, and may close what is held (I1)', async (_, changes) => {
    const positions = [{ symbol: 'AAA', side: 'long', qty: '1', costMicros: 100_000_000, pool: '' }] as const;
    const account = await ledgers.account({ env, positions });
    const wish = anOrder('a')
      .of('BTCUSD')
      .worth(600)
      .plan('p')
      .in(changes['WORK_STEALING_POOLS']?.includes('stock') ? 'stock' : '');
    expect(await enter(account, wish, ruleOf(changes))).toMatchObject({
      outcome: 'disabled',
      numbers: { why: 'pools_differ' },
    });
    expect(await account.used()).toBe(100_000_000);
    expect(await runScript(account, 'why', ['p'])).toContain('Its host may not enter it');
    expect(
      await enter(account, anOrder('x').of('AAA').exiting().selling().qty('1'), ruleOf(changes)),
    ).toMatchObject({ outcome: 'fits' });
    await account.expectSound();
  });

  it('that gives its pools another leverage counts in the same ones: it enters', async () => {
    const account = await ledgers.account({ env });
    const rule = ruleOf({ WORK_STEALING_POOLS: 'crypto:0.9' });
    expect(await enter(account, anOrder('a').of('BTCUSD').worth(400).in('crypto'), rule)).toMatchObject({
      outcome: 'fits',
    });
  });
});

it('`worksteal config` shows the fingerprint in force beside its own', async () => {
  const account = await ledgers.account();
  const config = async (env: Env): Promise<{ inForce: unknown }> => {
    const out: string[] = [];
    const command = configCommand({ REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: account.name, ...env });
    command.configureOutput({ writeOut: (text) => void out.push(text) });
    await command.parseAsync(['--json'], { from: 'user' });
    return JSON.parse(out.join(''));
  };
  const known = { account: account.name, fingerprint: SAME };
  expect((await config(TEST_RULES)).inForce).toEqual({ ...known, agrees: true });
  expect((await config({})).inForce).toEqual({ ...known, agrees: false });
  expect((await config({ WORKSTEAL_ACCOUNT: 'nobody' })).inForce).toEqual({
    account: 'nobody',
    fingerprint: null,
    agrees: false,
  });
  expect((await config({ REDIS_URL: 'redis://127.0.0.1:1' })).inForce).toMatchObject({
    fingerprint: null,
    fault: expect.stringContaining('does not answer'),
  });
});

describe('a watcher whose quotes of a symbol are no price', () => {
  const session = { open: true, untilMs: 1 };
  const tell = (account: TestAccount, host: string, unpriced: ReadonlyMap<string, string>) =>
    noteHost(account.ledger, {
      host,
      role: 'watch',
      fingerprint: SAME,
      watching: { session, tiers: [], cryptos: [], unpriced },
    });

  it('says why, and `why` shows it for a plan without a price, until there is one', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('full').of('FFF').worth(1_000));
    await tell(account, 'other', new Map([['AAAB', 'another symbol']]));
    await tell(
      account,
      'h',
      new Map([
        ['ZZZ', 'there is no bid'],
        ['AAA', 'the bid 30 and the ask 70.1 are 80.12 % apart; more than 5 %'],
      ]),
    );
    expect(await account.admit(anOrder('a').plan('p'))).toMatchObject({ outcome: 'no_price' });
    const why = () => runScript(account, 'why', ['p']);
    expect(await why()).toContain(
      'AAA has no price younger than 15 s now: the bid 30 and the ask 70.1 are 80.12 % apart, more ' +
        'than 5 % (says h).',
    );
    await tell(account, 'h', new Map());
    expect(await why()).toContain('AAA has no price younger than 15 s now.');
  });

  it('lists at most a hundred', async () => {
    const account = await ledgers.account();
    await tell(account, 'h', new Map(Array.from({ length: 1_000 }, (_, at) => [`S${at}`, 'x'.repeat(300)])));
    expect((await account.field('host:h', 'unpriced'))?.split(';')).toHaveLength(100);
  });
});

describe('the hosts of an account', () => {
  it('are forgotten when they say nothing for 15 s', async () => {
    const account = await ledgers.account();
    await noteHost(account.ledger, { host: 'old', role: 'keep', fingerprint: SAME });
    await account.advanceHealth(1);
    await noteHost(account.ledger, { host: 'young', role: 'keep', fingerprint: SAME });
    await account.advanceHealth(15_000);
    await noteHost(account.ledger, { host: 'new', role: 'keep', fingerprint: SAME });
    expect(await hosts(account)).toEqual(['new', 'young']);
    expect(Object.keys(await account.keyspace()).filter((name) => name.startsWith('host:'))).toEqual([
      'host:new',
      'host:young',
    ]);
  });

  it('are at most 256: the quietest are forgotten', async () => {
    const account = await ledgers.account();
    for (let i = 0; i < 257; i += 1) {
      await noteHost(account.ledger, { host: `h${i}`, role: 'keep', fingerprint: SAME });
      if (i === 0) await account.advanceHealth(1);
    }
    const known = await hosts(account);
    expect([known.length, known.includes('h0')]).toEqual([256, false]);
  });

  it('return nothing for an unknown account', async () => {
    const ledger = await ledgers.bare();
    expect(await noteHost(ledger, { host: 'h', role: 'keep', fingerprint: SAME })).toBeUndefined();
    expect(await ledger.redis.exists(key(ledger.account, 'hosts'))).toBe(0);
  });

  it('get each other’s cryptos, but not their own', async () => {
    const { ledger } = await ledgers.account();
    const watching = (symbol: string, pnl: string) => ({
      session: { open: false, untilMs: 1 },
      tiers: [],
      cryptos: [{ symbol, pnl }],
    });
    await noteHost(ledger, {
      host: 'a',
      role: 'watch',
      fingerprint: SAME,
      watching: watching('BTCUSD', '9.5'),
    });
    await noteHost(ledger, {
      host: 'b',
      role: 'watch',
      fingerprint: SAME,
      watching: watching('ETHUSD', '-1'),
    });
    const heard = await noteHost(ledger, {
      host: 'a',
      role: 'watch',
      fingerprint: SAME,
      watching: watching('BTCUSD', '9.5'),
    });
    expect(heard).toEqual({ fingerprint: SAME, cryptos: [{ symbol: 'ETHUSD', pnl: '-1' }] });
  });
});
