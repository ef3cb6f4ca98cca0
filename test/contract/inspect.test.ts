/** redis-cli and the commands show the same text, and it matches the account. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { GENERATED, inspectScripts } from '../../lua/inspect/assemble.ts';
import { DOCUMENTS } from '../../src/json/documents.ts';
import { audit } from '../../src/ledger/commands/audit.ts';
import { filePlan, type Plan } from '../../src/ledger/commands/plans.ts';
import { key } from '../../src/ledger/keys.ts';
import { scriptNames } from '../../src/ledger/scripts.ts';
import { connect } from '../../src/redis/connect.ts';
import { useLedgers } from '../support/fixtures.ts';
import {
  runCommand,
  runRedisCli,
  runScript,
  SCRIPTS,
  type Script,
  scriptFile,
} from '../support/inspection.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
let busy: TestAccount;

beforeAll(async () => {
  busy = await aBusyAccount();
});
afterEach(() => {
  process.exitCode = undefined;
});

function aPlan(id: string, symbol: string): Plan {
  const size = { limit: '100', qty: '1', pnl: '1', pool: '', takeProfit: '' };
  return {
    id,
    symbol,
    side: 'buy',
    mode: 'normal',
    ...size,
    startsAtMs: 0,
    expiresAtMs: 0,
    holdMs: 0,
    strategy: 'test',
  };
}

/**
 * Something of everything: a granted and a failed steal, a cooldown, ended orders, refusals, plans, two
 * pools.
 */
async function aBusyAccount(): Promise<TestAccount> {
  const account = await ledgers.account({
    equity: '10000',
    env: { WORK_STEALING_POOLS: 'crypto:0.5,stock:1', WORK_STEALING_COOLDOWN: '60' },
  });
  await account.prices({
    AAPL: '100',
    MSFT: '110',
    BTCUSD: '100',
    ETHUSD: '110',
    NVDA: '100.2',
    TSLA: '120',
  });
  await account.place(
    anOrder('e1').of('ETHUSD').at('100').worth(4000).pnl('1').in('crypto').plan('pe'),
    anOrder('m1').of('MSFT').at('100').worth(3000).pnl('2').in('stock'),
    anOrder('m2').of('MSFT').at('100').worth(1000).pnl('3').in('stock'),
    anOrder('n1').of('NVDA').at('100').worth(1000).pnl('4').in('stock'),
    anOrder('x1').of('NVDA').at('100').worth(1000).pnl('4').in('stock').probing(),
  );
  await account.steal(anOrder('b1').of('BTCUSD').at('100').worth(4000).pnl('9').in('crypto'));
  await account.end('e1', 'cancelled');
  await account.send('b1');
  await account.advance(61_000);
  await account.prices({
    AAPL: '100',
    MSFT: '110',
    BTCUSD: '100',
    ETHUSD: '110',
    NVDA: '100.2',
    TSLA: '120',
  });
  await account.steal(anOrder('a1').of('AAPL').at('100').worth(3000).pnl('9').in('stock').plan('pa'));
  await account.end('m1', 'filled', '30');
  await account.steal(anOrder('a2').of('AAPL').at('100').worth(500).pnl('9').in('stock').plan('pb'));
  await account.steal(anOrder('a3').of('AAPL').at('90').worth(500).pnl('9').in('stock').plan('pc'));
  for (const [id, symbol] of [
    ['pa', 'AAPL'],
    ['pb', 'AAPL'],
    ['pc', 'AAPL'],
    ['pd', 'TSLA'],
  ] as const) {
    await filePlan(account.ledger, aPlan(id, symbol));
  }
  return account;
}

const QUESTIONS: readonly [script: Script, words: string[], args: string[]][] = [
  ['status', [], []],
  ['status', ['1'], ['--limit', '1']],
  ['plans', [], []],
  ['plans', ['waiting', 'AAPL', '2'], ['AAPL', '--stage', 'waiting', '--limit', '2']],
  ['plans', ['strategy:test', 'refused'], ['--strategy', 'test', '--refused']],
  ['plans', ['waiting', 'TSLA'], ['waiting', 'TSLA']],
  ['steals', [], []],
  ['steals', ['AAPL', '1'], ['aapl', '--limit', '1']],
  ['steals', ['failed'], ['--state', 'failed']],
  ['steals', ['granted', 'BTCUSD'], ['granted', 'BTC/USD']],
  ['regret', [], ['--regret']],
  ['regret', ['AAPL', '1'], ['aapl', '--regret', '--limit', '1']],
  ['orders', [], []],
  ['orders', ['working', 'NVDA'], ['NVDA', '--state', 'working']],
  ['orders', ['ended', '2'], ['--state', 'ended', '--limit', '2']],
  ['orders', ['working'], ['working']],
  ['fights', [], []],
  ['fights', ['AAPL'], ['AAPL']],
  ['waiting', [], []],
  ['waiting', ['AAPL', '1'], ['AAPL', '--limit', '1']],
  ['why', ['pb'], ['pb']],
  ['why', ['pc'], ['pc']],
  ['why', ['pd'], ['pd']],
  ['why', ['e1'], ['e1']],
  ['why', ['m1'], ['m1']],
  ['why', ['a1'], ['a1']],
  ['why', ['b1'], ['b1']],
  ['why', ['n1'], ['n1']],
  ['audit', [], []],
];

/** The object that the command printed, checked against its schema. */
function printed(script: Script, text: string): Record<string, unknown> {
  const schema = DOCUMENTS[script === 'regret' ? 'steals --regret' : script];
  return z.looseObject({}).parse(schema?.parse(JSON.parse(text)));
}

describe('redis-cli and the command say the same:', () => {
  it.each(QUESTIONS)('%s %j', async (script, words, args) => {
    const text = await runScript(busy, script, words);
    expect(text.split('\n').length).toBeGreaterThan(2);
    expect(await runCommand(ledgers.url, busy.name, script, args)).toBe(text);
  });

  it.each(QUESTIONS)('%s %j --json', async (script, words, args) => {
    const values: unknown = JSON.parse(await runScript(busy, script, [...words, 'json']));
    const text = await runCommand(ledgers.url, busy.name, script, [...args, '--json']);
    const { schema, ...told } = printed(script, text);
    expect(schema).toBe(1);
    expect(told).toEqual(values);
  });

  it.runIf(spawnSync('redis-cli', ['--version']).status === 0).each(SCRIPTS)(
    '%s, by the redis-cli on this machine',
    async (script) => {
      const words = script === 'why' ? ['pb'] : [];
      expect(await runRedisCli(ledgers.url, busy.name, script, words)).toBe(
        await runScript(busy, script, words),
      );
    },
  );
});

it('says of which symbol it tells, in each table', async () => {
  const text = await runScript(busy, 'fights', ['AAPL']);
  expect(text).toMatch(/^fights of AAPL, protected .*\n[\s\S]*^pairs of AAPL [\s\S]*^cooldown of AAPL$/m);
});

it('shows what the account holds', async () => {
  const values = JSON.parse(await runScript(busy, 'status', ['json'])) as Record<string, unknown>;
  expect(values).toMatchObject({
    account: busy.name,
    state: 'running',
    nowMs: busy.nowMs(),
    admits: 'yes',
    equityMicros: 10_000_000_000,
    liveOrders: 4,
    unfinishedPlans: 4,
    steals: { granted: 1, pending: 0, failed: 1 },
    outbox: 0,
    plans: [{ stage: 'waiting', count: 4 }],
    orders: [{ state: 'working', count: 4, heldMicros: 7_000_000_000 }],
    refusals: [
      { reason: 'not_close_enough', wishes: 1, times: 1, last: 'pc', atMs: busy.nowMs() },
      { reason: 'no_candidates', wishes: 1, times: 1, last: 'pb', atMs: busy.nowMs() },
    ],
  });
  expect(values['pools']).toContainEqual({
    pool: 'total',
    leverage: '1',
    capMicros: 10_000_000_000,
    positionsMicros: 3_000_000_000,
    ordersMicros: await busy.used().then((used) => used - 3_000_000_000),
    roomMicros: await busy.room(),
    used: expect.any(Number),
  });
});

it('no inspection changes a key', async () => {
  const before = await busy.keyspace();
  for (const [script, words] of QUESTIONS) await runScript(busy, script, words);
  expect(await busy.keyspace()).toEqual(before);
});

it('the two audits find the same faults', async () => {
  const account = await ledgers.account();
  await account.prices({ AAA: '20', BBB: '20' });
  await account.place(
    anOrder('o1').of('AAA').at('10').worth(300),
    anOrder('o2').of('BBB').at('10').worth(300),
    anOrder('o3').of('BBB').at('10').worth(100),
  );
  const { redis } = account.ledger;
  const at = (name: string): string => key(account.name, name);
  await redis.hincrby(at('account'), 'orders_micros:total', 7);
  await redis.hset(at('order:o1'), 'held_micros', '5', 'qty', '31');
  await redis.hset(at('order:o3'), 'state', 'cancelling', 'robbed_by', 'nobody');
  await redis.zadd(at('leases'), 1, 'o2');
  await redis.sadd(at('live'), 'ghost');
  await redis.hset(at('quotes'), 'AAA', '10 10000000000 1');
  await redis.del(at('victims:total'));
  const found = await audit(account.ledger);
  const values = JSON.parse(await runCommand(ledgers.url, account.name, 'audit', ['--json'])) as {
    faults: string[];
    faultCount: number;
  };
  expect(found?.faultCount).toBeGreaterThanOrEqual(8);
  expect([...values.faults].sort()).toEqual([...(found?.faults ?? [])].sort());
  expect(values.faultCount).toBe(found?.faultCount);
  expect(process.exitCode).toBe(1);
});

describe('what cannot be answered is said:', () => {
  it('no such account', async () => {
    await expect(runCommand(ledgers.url, 'nobody-here', 'status', [])).rejects.toMatchObject({
      code: 'unknown',
      message: expect.stringContaining('nobody-here'),
    });
  });
  it('no such order', async () => {
    await expect(runCommand(ledgers.url, busy.name, 'why', ['nope'])).rejects.toMatchObject({
      code: 'unknown',
      message: expect.stringContaining('"nope"'),
    });
  });
  it('no such Redis', async () => {
    await expect(runCommand('http://x', busy.name, 'status', [])).rejects.toMatchObject({ code: 'settings' });
  });
  it('a limit that is not a number', async () => {
    await expect(runCommand(ledgers.url, busy.name, 'orders', ['--limit', 'many'])).rejects.toMatchObject({
      code: 'invalid',
    });
  });
  it.each([
    ['status', ['mine'], 'a limit'],
    ['plans', ['waiting', 'holding'], 'a stage (waiting, entering, holding, exiting, or done,'],
    ['plans', ['wating'], 'a stage (waiting, '],
    ['plans', ['strategy:a b'], 'a stage (waiting, '],
    ['steals', ['A B'], 'a state (pending, granted, failed,'],
    ['steals', ['AAPL', 'MSFT'], 'a state (pending, '],
    ['steals', ['garnted'], 'a state (pending, '],
    ['orders', ['working', 'ended'], 'a state (pending, reserved, working, cancelling, or ended), a symbol'],
    ['orders', ['wroking'], 'a state (pending, '],
    ['orders', ['AAPL', '*'], 'a state (pending, '],
    ['orders', ['BF/B'], 'a state (pending, '],
    ['fights', ['-1'], 'a symbol, a limit'],
    ['why', ['a\u001b[2J'], ''],
    ['why', ['x'.repeat(200)], ''],
    ['why', ['m1', 'm2'], ''],
    ['audit', ['1e3'], 'a limit'],
  ] as const)(
    'a word that means nothing to %s, of %j: which, and what it takes',
    async (script, words, takes) => {
      const stray = String(words.at(-1)).slice(0, 40).replaceAll('\u001b', '?');
      const said = `"${stray}" is not understood here; this command takes ${takes}`;
      await expect(runScript(busy, script, words)).rejects.toThrow(`USAGE ${said}`);
      await expect(runCommand(ledgers.url, busy.name, script, ['--', ...words])).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining(said),
      });
    },
  );
  it("a symbol in another system's spelling: how to write it", async () => {
    await expect(runCommand(ledgers.url, busy.name, 'orders', ['$AAPL'])).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringMatching(/^"\$AAPL" is not understood here; .*; did you mean AAPL\?$/),
    });
  });
  it('an invalid key: prints the usage', async () => {
    const text = readFileSync(scriptFile('status'), 'utf8');
    const redis = connect(ledgers.url, 'account');
    onTestFinished(() => redis.disconnect());
    await expect(redis.call('EVAL_RO', text, 1, 'account')).rejects.toThrow(/USAGE redis-cli --eval/);
  });
});

it('untrusted text never reaches the terminal unescaped', async () => {
  const account = await ledgers.account();
  // No command accepts such a reason; it was written by hand.
  await account.ledger.redis.hset(
    key(account.name, 'account'),
    'state',
    'halted',
    'halt_reason',
    'red \u001b[31malert\u0007',
  );
  expect(await runCommand(ledgers.url, account.name, 'status', [])).toContain('no: halted (red ?[31malert?)');
});

describe('the scripts stand alone:', () => {
  const texts = SCRIPTS.map((script) => [script, readFileSync(scriptFile(script), 'utf8')] as const);

  it('there is a command for each', () => {
    expect(inspectScripts().sort()).toEqual([...SCRIPTS].sort());
    expect(scriptNames(GENERATED)).toEqual([...SCRIPTS].sort());
  });

  it.each(texts)(
    '%s names its keys, its arguments and how to call it, and is plain ASCII',
    (script, text) => {
      const header = /^-- Generated.*\n\n(--.*\n)+/.exec(text)?.[0];
      expect(header).toContain(`redis-cli --eval lua/redis-cli/${script}.lua ws:{demo}:account`);
      expect(header).toMatch(/^-- KEYS\[1\] /m);
      expect(header).toMatch(/^-- ARGV\[/m);
      expect(text).not.toMatch(/[^\n\x20-\x7e]/);
      expect(text).not.toContain('@include');
    },
  );
});
