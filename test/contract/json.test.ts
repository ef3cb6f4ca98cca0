/**
 * What commands print with --json on real accounts is what docs/json.md says, field by field
 * (inspect.test.ts does the same for the inspections of a busy account).
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { acceptCommand } from '../../src/cli/accept.ts';
import { checkCommand } from '../../src/cli/check.ts';
import { clockCommand } from '../../src/cli/clock.ts';
import { configCommand } from '../../src/cli/config.ts';
import { decideCommand } from '../../src/cli/decide.ts';
import { reopenCommand } from '../../src/cli/reopen.ts';
import { tailEvents } from '../../src/cli/tail.ts';
import { eventCells } from '../../src/inspection/event-line.ts';
import { DOCUMENTS } from '../../src/json/documents.ts';
import { jsonLine } from '../../src/json/print.ts';
import { eventFields, TAIL } from '../../src/json/tail.ts';
import { close } from '../../src/ledger/commands/closures.ts';
import { halt } from '../../src/ledger/commands/halt.ts';
import { key } from '../../src/ledger/keys.ts';
import type { Env } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';
import { runCommand, type Script } from '../support/inspection.ts';
import { anOrder, NOW_MS, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
const COMMANDS = {
  accept: acceptCommand,
  check: checkCommand,
  clock: clockCommand,
  config: configCommand,
  decide: decideCommand,
  reopen: reopenCommand,
} satisfies Record<string, (env: Env) => Command>;

const folder = mkdtempSync(join(tmpdir(), 'worksteal-json-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Values = Record<string, unknown>;

/** Each line of what the command wrote, checked against its schema. */
async function print(
  name: keyof typeof COMMANDS,
  args: string[],
  account = 'main',
  env: Env = {},
): Promise<Values[]> {
  let text = '';
  const command = COMMANDS[name]({ REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: account, ...env });
  const writeOut = (part: string): void => {
    text += part;
  };
  command.configureOutput({ writeOut, writeErr: () => {} }).exitOverride();
  onTestFinished(() => {
    process.exitCode = undefined;
  });
  await command.parseAsync([...args, '--json'], { from: 'user' });
  return text
    .trimEnd()
    .split('\n')
    .map((line) => valid(name, line));
}

function valid(name: string, line: string): Values {
  expect(line.startsWith('{"schema":1,')).toBe(true);
  return DOCUMENTS[name]?.parse(JSON.parse(line)) as Values;
}

async function inspected(account: TestAccount, script: Script, ...args: string[]): Promise<Values> {
  return valid(script, (await runCommand(ledgers.url, account.name, script, [...args, '--json'])).trimEnd());
}

/** Two symbols that fight, a steal in a dry run, a steal that is only remembered, a halt, a closure. */
async function aTroubledAccount(): Promise<TestAccount> {
  const account = await ledgers.account({
    equity: '1000',
    env: { WORK_STEALING_FIGHT_THRESHOLD: '2', WORK_STEALING_COOLDOWN: '60' },
  });
  const prices = { AAPL: '100', MSFT: '110', TSLA: '100' };
  await account.prices(prices);
  await account.place(anOrder('m1').of('MSFT').at('100').worth(1000).pnl('2').plan('pm'));
  await account.steal(anOrder('a1').of('AAPL').at('100').worth(1000).pnl('9').plan('pa'));
  await account.end('m1', 'cancelled');
  await account.send('a1');
  await account.advance(61_000);
  await account.prices({ ...prices, AAPL: '110', MSFT: '100' });
  await account.steal(anOrder('m2').of('MSFT').at('100').worth(1000).pnl('99').plan('pn'));
  const { redis } = account.ledger;
  await redis.zadd(key(account.name, 'steals'), NOW_MS, 'TSLA>AAPL#old');
  await halt(account.ledger, 'news', 'alice@ops');
  await close(account.ledger, 'broker', 'the broker refuses orders');
  return account;
}

describe('inspections', () => {
  let troubled: TestAccount;
  let empty: TestAccount;
  beforeAll(async () => {
    troubled = await aTroubledAccount();
    empty = await ledgers.account();
  });

  it.each(['status', 'plans', 'orders', 'steals', 'fights', 'audit'] as const)(
    'of an empty account: %s',
    async (script) => {
      await inspected(empty, script);
    },
  );

  it('of a halted and closed account: who, when and why', async () => {
    expect(await inspected(troubled, 'status')).toMatchObject({
      admits: 'halted',
      halts: [{ by: 'alice@ops', reason: 'news', atMs: expect.any(Number) }],
      closures: [{ cause: 'broker', words: 'the broker refuses orders', sinceMs: expect.any(Number) }],
    });
  });

  it('of a fight: its symbols as a list, and no order by halves', async () => {
    expect(await inspected(troubled, 'fights')).toMatchObject({
      fights: [{ symbols: ['AAPL', 'MSFT'], untilMs: expect.any(Number) }],
    });
  });

  it('of steals: victims as objects; of one that is only remembered the symbols', async () => {
    const { steals } = await inspected(troubled, 'steals');
    expect(steals).toMatchObject([
      { thief: 'a1', victims: [{ order: 'm1', symbol: 'MSFT', pnl: '2', heldMicros: 1_000_000_000 }] },
      {
        thief: 'old',
        state: 'remembered',
        victims: [{ order: null, symbol: 'AAPL', pnl: null, heldMicros: null }],
      },
    ]);
  });

  it('of why: the victims of a thief, and who robbed a victim', async () => {
    expect(await inspected(troubled, 'why', 'a1')).toMatchObject({
      steal: { victims: [{ order: 'm1', symbol: 'MSFT', pnl: '2', heldMicros: 1_000_000_000 }] },
    });
    expect(await inspected(troubled, 'why', 'm1')).toMatchObject({ robbed: { by: 'a1', thiefPnl: '9' } });
    expect(await inspected(troubled, 'why', 'AAPL>MSFT#a1')).toMatchObject({ thief: 'a1' });
    expect(await inspected(troubled, 'why', 'TSLA>AAPL#old')).toMatchObject({ victimSymbol: 'AAPL' });
  });

  it('of why: a refusal, with the symbols that it would fight', async () => {
    const { refusal } = await inspected(troubled, 'why', 'pn');
    expect(refusal).toMatchObject({ reason: 'fighting', wouldFight: ['AAPL'] });
  });

  it('of tail: victims as objects, times and money as numbers', async () => {
    const stopping = new AbortController();
    const seen: Values[] = [];
    const url = ledgers.url;
    await tailEvents(
      { url, account: troubled.name },
      '1h',
      (event) => {
        seen.push(valid('tail', jsonLine(TAIL, eventFields(event, eventCells(event)[2]))));
        if (event.type === 'closed') stopping.abort();
      },
      stopping.signal,
    );
    const of = (type: string) => seen.find((event) => event['type'] === type);
    expect(of('stolen')).toMatchObject({
      atMs: NOW_MS,
      victims: [{ order: 'm1', symbol: 'MSFT', pnl: '2', heldMicros: 1_000_000_000 }],
    });
    expect(of('fight')).toMatchObject({
      victims: [],
      fields: { symbols: ['AAPL', 'MSFT'], untilMs: expect.any(Number) },
    });
    expect(JSON.stringify(seen)).not.toMatch(/\w+ [A-Z]+ -?[\d.]+ \d+;?"/);
  });
});

describe('other commands', () => {
  it('check: well, not well, and without an answer', async () => {
    const account = await ledgers.account();
    expect(await print('check', [], account.name)).toMatchObject([{ account: account.name, well: false }]);
    const away = { REDIS_URL: 'redis://127.0.0.1:1' };
    expect(await print('check', [], account.name, away)).toMatchObject([{ well: null }]);
  });

  it('accept: an equity that was held back, and none', async () => {
    const { name, ledger } = await ledgers.account();
    const none = { account: name, accepted: false, equityMicros: null };
    expect(await print('accept', ['equity'], name)).toEqual([{ schema: 1, ...none }]);
    await ledger.redis.hset(key(name, 'account'), 'equity_held_back_micros', '5000000');
    expect(await print('accept', ['equity'], name)).toMatchObject([
      { accepted: true, equityMicros: 5_000_000 },
    ]);
  });

  it('reopen: one cause, one that there is not, and the account', async () => {
    const { name, ledger } = await ledgers.account();
    await close(ledger, 'broker', 'the broker refuses orders');
    expect(await print('reopen', ['broker'], name)).toMatchObject([{ outcome: 'reopened' }]);
    expect(await print('reopen', ['broker'], name)).toMatchObject([{ outcome: 'exists' }]);
    expect(await print('reopen', ['account'], name)).toMatchObject([{ outcome: 'unbound' }]);
  });

  it('config: with an account, without one, and without Redis', async () => {
    const { name } = await ledgers.account();
    expect(await print('config', [], name)).toMatchObject([{ inForce: { account: name } }]);
    expect(await print('config', [], 'nobody')).toMatchObject([{ inForce: { fingerprint: null } }]);
    expect(await print('config', [], name, { REDIS_URL: '' })).toMatchObject([{ inForce: null }]);
  });

  it('clock: an answer, and a case that cannot be read', async () => {
    const at = { at: '2025-01-15T15:00:00Z', symbol: 'BTCUSD' };
    const file = join(folder, 'clock.json');
    writeFileSync(file, JSON.stringify([at, { at: 'noon', symbol: 'BTCUSD' }]));
    expect(await print('clock', [file])).toMatchObject([
      { nyseOpen: true, tolerance: expect.any(Number) },
      { error: { code: 'invalid', message: expect.stringContaining('noon') } },
    ]);
  });

  it('decide: a steal with its numbers, an invalid scenario, a malformed one', async () => {
    const order = {
      symbol: 'MSFT',
      side: 'buy',
      limit: '100',
      price: '110',
      qty: '10',
      pnl: '1',
      placedAt: '2025-01-15T14:00:00Z',
    };
    const scenario = {
      id: 'one',
      now: '2025-01-15T15:00:00Z',
      account: { equity: '1000', leverage: '1' },
      orders: [{ id: 'o1', ...order }],
      attempt: { symbol: 'AAPL', side: 'buy', limit: '100', price: '100', qty: '5', pnl: '9' },
    };
    const better = { ...scenario, orders: [{ id: 'o1', ...order, pnl: '100' }] };
    const file = join(folder, 'scenarios.json');
    writeFileSync(file, JSON.stringify([scenario, better, 7]));
    const [stolen, refused, malformed] = await print('decide', [file, '--verbose']);
    expect(stolen).toMatchObject({ reason: 'stolen', victims: ['o1'], numbers: { needMicros: 500_000_000 } });
    expect(refused).toMatchObject({
      reason: 'pnl_not_better',
      numbers: { worst: { order: 'o1', pnl: '100' } },
    });
    expect(malformed).toMatchObject({ error: { code: 'invalid' } });
  });
});
