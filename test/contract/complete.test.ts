/** Completion in a shell: commands, options, their values, and what the ledger knows. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { completions } from '../../src/cli/complete/completions.ts';
import { scriptFor } from '../../src/cli/complete/scripts.ts';
import { filePlan } from '../../src/ledger/commands/plans.ts';
import { useLedgers } from '../support/fixtures.ts';
import { anOrder, type TestAccount } from '../support/ledger.ts';
import { PROGRAM } from '../support/program.ts';
import { isAvailable, PseudoTerminal } from '../support/pseudo-terminal.ts';

const ledgers = useLedgers();
let account: TestAccount;

beforeAll(async () => {
  account = await ledgers.account();
  await account.prices({ AAPL: '100', MSFT: '110' });
  await account.place(anOrder('m1').of('MSFT').at('100').worth(100));
  const terms = { symbol: 'AAPL', side: 'buy', mode: 'normal', limit: '90', qty: '1', pnl: '1' } as const;
  const rest = { pool: '', takeProfit: '', startsAtMs: 0, expiresAtMs: 0, holdMs: 0, strategy: 'alpha' };
  await filePlan(account.ledger, { id: 'p17', ...terms, ...rest });
});

const env = (): Record<string, string> => ({ REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: account.name });

/** The words that the last one may become, and what the shell is told at last. */
async function offered(words: readonly string[], from: Record<string, string> = env()): Promise<string[]> {
  return (await completions(words, from))
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '');
}

describe('the last word may become', () => {
  it.each([
    [['or'], ['orders', ':4']],
    [
      ['plans', '--st'],
      ['--stage', '--strategy', ':4'],
    ],
    [
      ['plans', '--stage', 'w'],
      ['waiting', 'withdrawn', ':4'],
    ],
    [
      ['orders', '--state=w'],
      ['working', ':4'],
    ],
    [['orders', '--limit='], [':4']],
    [['exchange', '--data='], [':0']],
    [
      ['orders', 'c'],
      ['cancelling', ':4'],
    ],
    [
      ['reopen', 'b'],
      ['broker', ':4'],
    ],
    [
      ['complete', ''],
      ['bash', 'zsh', 'fish', ':4'],
    ],
    [
      ['orders', 'A'],
      ['AAPL', ':4'],
    ],
    [
      ['orders', '--limit', '5', 'M'],
      ['MSFT', ':4'],
    ],
    [
      ['why', 'p'],
      ['p17', ':4'],
    ],
    [
      ['why', 'm'],
      ['m1', ':4'],
    ],
    [
      ['why', ''],
      ['p17', 'm1', 'AAPL', 'MSFT', ':4'],
    ],
    [['why', 'p17', ''], [':4']],
    [['plan', 'fore'], [':0']],
    [['exchange', '--data', ''], [':0']],
    [['status', '--limit', ''], [':4']],
    [['nothing', ''], [':4']],
  ])('%j: %j', async (words, expected) => {
    expect((await offered(words)).sort()).toEqual([...expected].sort());
  });

  it('all commands, with what they do', async () => {
    expect(await completions([''], env())).toContain('why\texplain an order, a plan, a symbol or a steal\n');
  });

  it('what another ledger knows, that the line names', async () => {
    const line = ['why', '--redis', ledgers.url, '--account', account.name, 'p'];
    expect(await offered(line, {})).toEqual(['p17', ':4']);
  });
});

describe('without a ledger there are no names, and no error:', () => {
  it.each([
    ['no address', {}],
    ['nobody listens', { REDIS_URL: 'redis://127.0.0.1:1' }],
    ['an address that is none', { REDIS_URL: 'http://x' }],
  ])('%s', async (_what, from) => {
    expect(await offered(['why', ''], from as Record<string, string>)).toEqual([':4']);
  });

  it('a Redis that does not answer is given up after 300 ms', async () => {
    const silent = await listening();
    const from = { REDIS_URL: `redis://127.0.0.1:${(silent.address() as { port: number }).port}` };
    const begun = performance.now();
    expect(await offered(['why', ''], from)).toEqual([':4']);
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

async function listening(): Promise<Server> {
  const server = createServer((socket) => onTestFinished(() => void socket.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return server;
}

describe('in bash', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'worksteal-complete-'));
    const program = join(folder, 'worksteal');
    writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`);
    chmodSync(program, 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const shellEnv = () => ({ ...env(), PATH: `${folder}:${process.env['PATH']}` });

  it.each(['zsh', 'fish'] as const)('the script for %s calls worksteal', async (shell) => {
    expect(await scriptFor(shell)).toContain('worksteal complete -- ');
  });

  it('the function completes a line; reading it twice is no error', () => {
    const line = 'worksteal plans --stage wi';
    const script = `set -eu; source <(worksteal complete bash); source <(worksteal complete bash)
COMP_LINE='${line}' COMP_POINT=${line.length}; _worksteal; echo "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], {
      env: shellEnv(),
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: 'withdrawn\n', stderr: '' });
  });

  it('a shell that is none is a usage error', () => {
    const { stderr, status } = spawnSync('worksteal', ['complete', 'tcsh'], {
      env: shellEnv(),
      encoding: 'utf8',
    });
    expect(stderr).toContain('bash, zsh, fish');
    expect(status).not.toBe(0);
  });

  it.runIf(isAvailable)('Tab on a terminal completes a command, an option, a value and an id', async () => {
    const terminal = new PseudoTerminal({ columns: 100, rows: 24 }, ['bash', '--norc', '--noprofile', '-i'], {
      ...shellEnv(),
      HISTFILE: '/dev/null',
    });
    onTestFinished(() => terminal.kill());
    await terminal.shows(/bash.*[#$] /);
    terminal.type('source <(worksteal complete bash); echo is-$((6*7))\n');
    await terminal.shows(/is-42/);
    terminal.type('worksteal ord\t');
    await terminal.shows(/worksteal orders /);
    terminal.type('\x15worksteal plans --stag\t');
    await terminal.shows(/--stage /);
    terminal.type('wi\t');
    await terminal.shows(/--stage withdrawn /);
    terminal.type('\x15worksteal why p1\t');
    await terminal.shows(/worksteal why p17 /);
    terminal.type('\x15exit\n');
    expect(await terminal.ended()).toBe(0);
  });
});
