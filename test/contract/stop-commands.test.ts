/**
 * `cancel`, `withdraw`, `close` and `halt` on a ledger whose other processes are not there: what they choose,
 * what they refuse, and what they print for programs. test/e2e/stop.test.ts has the whole fleet.
 */
import { type Command, CommanderError } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Target } from '../../src/cli/act/act.ts';
import { cancelOrders } from '../../src/cli/act/cancel-orders.ts';
import { withdrawPlans } from '../../src/cli/act/withdraw-plans.ts';
import { cancelCommand } from '../../src/cli/cancel.ts';
import { closeCommand } from '../../src/cli/close.ts';
import { haltCommand } from '../../src/cli/halt.ts';
import { resumeCommand } from '../../src/cli/resume.ts';
import { withdrawCommand } from '../../src/cli/withdraw.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { DOCUMENTS } from '../../src/json/documents.ts';
import { adopt } from '../../src/ledger/commands/adopt.ts';
import { noteHost } from '../../src/ledger/commands/hosts.ts';
import { claimPlans, filePlan, type Plan } from '../../src/ledger/commands/plans.ts';
import { type LedgerOrder, readLedgerOrder } from '../../src/ledger/commands/snapshot.ts';
import { key } from '../../src/ledger/keys.ts';
import { type PlanRecord, readPlan } from '../../src/ledger/plan-record.ts';
import type { Env } from '../../src/rules/settings.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, NOW_MS, type TestAccount } from '../support/ledger.ts';
import { PROGRAM } from '../support/program.ts';
import { isAvailable, PseudoTerminal } from '../support/pseudo-terminal.ts';

const ledgers = useLedgers();
const COMMANDS = {
  cancel: cancelCommand,
  withdraw: withdrawCommand,
  close: closeCommand,
  halt: haltCommand,
  resume: resumeCommand,
} satisfies Record<string, (env: Env) => Command>;

type Item = { id: string; state: string; words: string };
type Printed = { code: number; value: { confirmed?: boolean; items?: Item[] } & Record<string, unknown> };

/** Runs it with --json, checks what it printed, and returns it with the exit code. */
async function run(account: TestAccount, name: keyof typeof COMMANDS, ...words: string[]): Promise<Printed> {
  let text = '';
  const command = COMMANDS[name]({ REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: account.name });
  const writeOut = (part: string): void => {
    text += part;
  };
  command.configureOutput({ writeOut, writeErr: () => {} }).exitOverride();
  onTestFinished(() => {
    process.exitCode = undefined;
  });
  process.exitCode = undefined;
  await command.parseAsync([...words, '--by', 'alice@ops', '--json'], { from: 'user' });
  const value = DOCUMENTS[name]?.parse(JSON.parse(text)) as Printed['value'];
  return { code: Number(process.exitCode ?? 0), value };
}

/** What it prints without --json. */
async function plain(account: TestAccount, name: keyof typeof COMMANDS, ...words: string[]) {
  let out = '';
  const writeOut = (part: string): void => {
    out += part;
  };
  const command = COMMANDS[name]({ REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: account.name });
  command.configureOutput({ writeOut, writeErr: () => {} }).exitOverride();
  onTestFinished(() => {
    process.exitCode = undefined;
  });
  await command.parseAsync(words, { from: 'user' });
  return { out };
}

/** An entry of plan `p` that works at the broker. */
async function placed(account: TestAccount): Promise<string> {
  await account.place(anOrder('p_1').worth(500).plan('p'));
  return 'p_1';
}

/** The code and the message with which it fails. */
async function failure(
  account: TestAccount,
  name: keyof typeof COMMANDS,
  ...words: string[]
): Promise<string> {
  try {
    await run(account, name, ...words);
  } catch (error) {
    if (error instanceof CommanderError) return `usage: ${error.message}`;
    if (error instanceof WorkstealError) return `${error.code}: ${error.message}; ${error.next}`;
    throw error;
  }
  throw new Error(`${name} ${words.join(' ')} did not fail`);
}

const aPlan = (id: string, changes: Partial<Plan> = {}): Plan => ({
  ...{ id, symbol: 'AAA', side: 'buy', mode: 'normal', limit: '10', qty: '5', pnl: '1', pool: '' },
  ...{ takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 's', ...changes },
});

describe('worksteal cancel', () => {
  it('says of a reservation that nothing is at the broker, and what ends it', async () => {
    const account = await ledgers.account();
    await account.admit(anOrder('p_1').worth(500).plan('p'));
    const { code, value } = await run(account, 'cancel', 'p_1', '--yes', '--timeout', '0');
    expect([code, value.confirmed]).toEqual([1, false]);
    expect(value.items).toMatchObject([
      {
        ...{ kind: 'order', atBroker: false, what: 'entry, reserved', state: 'open' },
        words:
          'reserved: not sent yet, so there is nothing to cancel at the broker; ' +
          '`worksteal withdraw p` ends it',
      },
    ]);
  });

  it('says of an order that was stolen meanwhile that its plan goes on', async () => {
    const account = await ledgers.account();
    await filePlan(account.ledger, aPlan('p'));
    const order = (await readLedgerOrder(account.ledger, await placed(account))) as LedgerOrder;
    const { step, targets } = cancelOrders(account.ledger, 'alice@ops', [order]);
    const fields = ['state', 'cancelled', 'reason', 'stolen', 'robbed_by', 'q_1'];
    await account.ledger.redis.hset(key(account.name, 'order:p_1'), ...fields);
    expect(await step(targets[0] as Target)).toEqual({
      state: 'done',
      words:
        'cancelled, to make room for q_1; its plan p goes on, and may enter again: ' +
        '`worksteal withdraw p` ends it',
    });
  });

  it('takes a record that is gone for a loss of the ledger, and not for an end', async () => {
    const account = await ledgers.account();
    const order = (await readLedgerOrder(account.ledger, await placed(account))) as LedgerOrder;
    const { step, targets } = cancelOrders(account.ledger, 'alice@ops', [order]);
    const target = targets[0] as Target;
    expect(await step(target)).toEqual({ state: 'open', words: 'is being cancelled' });
    const { redis } = account.ledger;
    await redis.del(key(account.name, 'order:p_1'));
    await redis.hset(key(account.name, 'account'), 'synced_at_ms', '0');
    expect(await step(target)).toMatchObject({
      state: 'open',
      words: expect.stringMatching(/the ledger was lost: it may work/),
    });
    // Rebuilt, and the broker has it: it is asked for again.
    await redis.hset(key(account.name, 'account'), 'synced_at_ms', String(NOW_MS), 'rebuilt_ms', '7');
    const found = { brokerId: 'b1', filledQty: '0', filledMicros: 0, pool: '', reducing: false };
    const again = { id: 'p_1', symbol: 'AAA', side: 'buy', limit: '10', qty: '50' } as const;
    await adopt(account.ledger, { ...again, ...found }, NOW_MS);
    expect(await step(target)).toEqual({ state: 'open', words: 'is being cancelled' });
    // Rebuilt without it: that is the broker's word.
    await redis.del(key(account.name, 'order:p_1'));
    expect(await step(target)).toMatchObject({
      state: 'done',
      words: expect.stringMatching(/rebuilt without it/),
    });
  });

  it('lists first what is at the broker, the largest first', async () => {
    const account = await ledgers.account({ equity: '10000' });
    await account.admit(anOrder('a_1').worth(900).plan('a'));
    await account.place(anOrder('b_1').worth(300));
    await account.place(anOrder('c_1').worth(500));
    const { out } = await plain(account, 'cancel', '--all-entries', '--yes', '--timeout', '0');
    expect(out.split('\n')[0]).toMatch(/: 3 orders, \$1,700\.00, 2 at the broker \(\$800\.00\)$/);
    expect(
      out
        .split('\n')
        .slice(2, 5)
        .map((line) => line.slice(0, 3)),
    ).toEqual(['c_1', 'b_1', 'a_1']);
  });

  it('leaves what a person placed at the broker, unless it is named', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('p_1').worth(300));
    const order = { id: 'mine', symbol: 'BBB', side: 'buy', limit: '10', qty: '1' } as const;
    const found = { brokerId: 'b1', filledQty: '0', filledMicros: 0, pool: '', reducing: false };
    await adopt(account.ledger, { ...order, ...found }, NOW_MS);
    const all = await run(account, 'cancel', '--all-entries', '--yes', '--timeout', '0');
    expect(all.value.items?.map(({ id }) => id)).toEqual(['p_1']);
    const one = await run(account, 'cancel', 'mine', '--yes', '--timeout', '0');
    expect(one.value.items).toMatchObject([{ id: 'mine', words: 'is being cancelled' }]);
  });

  it('has nothing to do where there is nothing, and does not ask', async () => {
    const account = await ledgers.account();
    expect(await run(account, 'cancel', '--all-entries')).toMatchObject({
      code: 0,
      value: { confirmed: true, items: [] },
    });
  });
});

describe('worksteal withdraw', () => {
  it('chooses by strategy; a plan that no host holds ends at once', async () => {
    const account = await ledgers.account();
    await filePlan(account.ledger, aPlan('a'));
    await filePlan(account.ledger, aPlan('b', { strategy: 'other' }));
    const { code, value } = await run(account, 'withdraw', '--strategy', 's', '--yes');
    expect([code, value.items]).toMatchObject([
      0,
      [{ id: 'a', state: 'done', words: 'withdrawn (by_hand)' }],
    ]);
    expect(await account.field('plan:b', 'stage')).toBe('waiting');
  });

  it('does not speak of a broker that never had the plan', async () => {
    const account = await ledgers.account();
    await filePlan(account.ledger, aPlan('a'));
    const { out } = await plain(account, 'withdraw', 'a', '--yes');
    expect(out).toMatch(/withdraw: 1 of 1 done$/m);
  });

  it('asks again for a plan that was lost with the ledger, when it is filed again', async () => {
    const account = await ledgers.account();
    await filePlan(account.ledger, aPlan('a'));
    await claimPlans(account.ledger, 'dead', 1_000, 5);
    const plan = (await readPlan(account.ledger, 'a')) as PlanRecord;
    const { step, targets } = await withdrawPlans(account.ledger, 'alice@ops', [plan]);
    const target = targets[0] as Target;
    expect(await step(target)).toMatchObject({ state: 'open' });
    const { redis } = account.ledger;
    await redis.del(key(account.name, 'plan:a'));
    await redis.zrem(key(account.name, 'plans'), 'a');
    expect(await step(target)).toMatchObject({
      state: 'open',
      words: expect.stringMatching(/the ledger was lost, and the plan/),
    });
    await filePlan(account.ledger, aPlan('a'));
    expect(await step(target)).toMatchObject({ state: 'done' });
    expect(await account.field('plan:a', 'stage')).toBe('withdrawn');
  });

  it('of a plan whose host is dead waits for a watcher; the request stays', async () => {
    const account = await ledgers.account();
    await filePlan(account.ledger, aPlan('a'));
    await claimPlans(account.ledger, 'dead', 1_000, 5);
    const { code, value } = await run(account, 'withdraw', 'a', '--yes', '--timeout', '0');
    expect([code, value.items]).toMatchObject([1, [{ state: 'open' }]]);
    expect(await account.field('plan:a', 'withdraw_asked')).toBe('by_hand');
  });
});

describe('worksteal close', () => {
  it('is refused, and nothing is recorded, while no watcher is alive', async () => {
    const account = await ledgers.account();
    await filePlan(account.ledger, aPlan('a'));
    await claimPlans(account.ledger, 'dead', 1_000, 5);
    expect(await failure(account, 'close', 'a', '--yes')).toMatch(/^refused: no watcher is alive/);
    expect(await account.field('plan:a', 'close_asked_ms')).toBeNull();
  });

  it('asks the watcher that holds the plan', async () => {
    const account = await ledgers.account();
    await filePlan(account.ledger, aPlan('a'));
    await claimPlans(account.ledger, 'w', 60_000, 5);
    await noteHost(account.ledger, { host: 'w', role: 'watch', fingerprint: 'f' });
    const { code, value } = await run(account, 'close', '--symbol', 'aaa', '--yes', '--timeout', '0');
    expect([code, value.items]).toMatchObject([1, [{ id: 'a', state: 'open', words: 'waiting' }]]);
    expect(await account.field('plan:a', 'stopped_by')).toBe('alice@ops');
  });
});

describe('worksteal halt', () => {
  it('says what goes on, and records each reason', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('p_1').worth(500));
    const first = await run(account, 'halt', 'fills are late');
    expect(first.value).toMatchObject({
      ...{ outcome: 'halted', by: 'alice@ops', reason: 'fills are late', cancelled: null },
      goesOn: { entries: 1, entriesAtBroker: 1, entriesMicros: 500_000_000, exits: 0, holding: 0 },
    });
    expect((await run(account, 'halt', 'and odd')).value).toMatchObject({ outcome: 'noted' });
    expect((await run(account, 'halt', 'and odd')).value).toMatchObject({ outcome: 'exists' });
    expect((await run(account, 'resume', 'over')).value).toMatchObject({ outcome: 'resumed' });
    expect((await run(account, 'resume', 'over')).value).toMatchObject({ outcome: 'exists' });
  });

  it('halts at once, though nobody can be asked whether entries are cancelled', async () => {
    const account = await ledgers.account();
    await account.place(anOrder('p_1').worth(500));
    expect(await failure(account, 'halt', 'now', '--cancel-entries')).toMatch(
      /^invalid: nothing was cancelled/,
    );
    expect(await account.field('account', 'state')).toBe('halted');
    expect(await account.field('order:p_1', 'state')).toBe('working');
  });
});

it.skipIf(!isAvailable).each([
  ['n\r', 'nothing was cancelled', 1, 'working'],
  ['\x04', 'nothing was cancelled', 1, 'working'],
  ['\x03', 'cancel it?', 130, 'working'],
  ['y\r', '1 still open after 0 s', 1, 'cancelling'],
])('asks on a terminal; the answer %j counts', { timeout: 180_000 }, async (keys, said, code, state) => {
  const account = await ledgers.account();
  await account.place(anOrder('p_1').worth(500));
  const env = { ...CHILD_ENV, REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: account.name };
  const words = ['cancel', 'p_1', '--timeout', '0'];
  const terminal = new PseudoTerminal({ columns: 100, rows: 30 }, [process.execPath, PROGRAM, ...words], env);
  onTestFinished(() => terminal.kill());
  await terminal.shows(/cancel it\? \[y\/N\] /);
  terminal.type(keys);
  expect(await terminal.ended()).toBe(code);
  expect(terminal.output).toContain(said);
  expect(await account.field('order:p_1', 'state')).toBe(state);
});

it.each([
  ['cancel', [], 'invalid: cancel: give one of ORDER, --symbol, --all-entries'],
  [
    'cancel',
    ['x', '--all-entries'],
    'invalid: cancel: give one of ORDER, --symbol, --all-entries, not ORDER and',
  ],
  ['cancel', ['nobody'], 'unknown: there is no order "nobody" on record'],
  ['cancel', ['--all-entries', '--timeout', 'soon'], 'invalid: --timeout: "soon" is not a whole number'],
  ['cancel', ['--all-entries', '--timeout', '3601'], 'is not a whole number of seconds, at most 3600'],
  ['halt', ['news', '--timeout', '1 min'], 'invalid: --timeout: "1 min" is not a whole number'],
  ['cancel', ['--symbol', 'BTC-USD'], 'invalid: symbol: "BTC-USD"'],
  ['withdraw', ['nobody'], 'unknown: there is no plan "nobody" on record; `worksteal plans` lists the plans'],
  ['withdraw', ['a_1'], 'unknown: there is no plan "a_1" on record; it is an order of the plan a'],
  ['close', [], 'invalid: close: give one of PLAN, --symbol, --all'],
] as const)('worksteal %s %j is refused', async (name, words, said) => {
  const account = await ledgers.account();
  await filePlan(account.ledger, aPlan('a'));
  await account.place(anOrder('p_1').worth(500));
  expect(await failure(account, name, ...words)).toContain(said);
  expect(await account.ledger.redis.hget(key(account.name, 'account'), 'state')).toBe('running');
});
