/** Whoever reads an answer may stop reading it (`| head`). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { configure } from '../../src/ledger/commands/configure.ts';
import { key } from '../../src/ledger/keys.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { PROGRAM } from '../support/program.ts';
import { freshAccount, startRedis } from '../support/redis.ts';

it.each([
  ['an answer', ['config', '--json'], 0],
  ['an error', ['evaluate', '/nowhere/bars', '--json'], 2],
])('%s that nobody reads ends without a word', async (_what, args, code) => {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    env: CHILD_ENV,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.destroy();
  let said = '';
  child.stderr.on('data', (part) => {
    said += String(part);
  });
  expect(await once(child, 'close')).toEqual([code, null]);
  expect(said).toBe('');
});

it('an answer that finds no room on the disk is an error in one line', async () => {
  const full = openSync('/dev/full', 'w');
  try {
    const child = spawn(process.execPath, [PROGRAM, 'config'], {
      env: CHILD_ENV,
      stdio: ['ignore', full, 'pipe'],
    });
    let said = '';
    child.stderr?.on('data', (part) => {
      said += String(part);
    });
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(said).toMatch(/^worksteal: standard output: cannot be written \(the disk is full\)\n.*\n$/);
  } finally {
    closeSync(full);
  }
});

it('a command whose messages nobody reads does what it was asked to', async () => {
  const account = freshAccount('deaf');
  const { url, close } = await startRedis();
  const ledger = await openLedger(url, account);
  try {
    await configure(ledger, readSettings({}).settings, 600_000);
    const child = spawn(process.execPath, [PROGRAM, 'halt', 'because', '--account', account], {
      // The one message of this command: a variable that is no setting.
      env: { ...CHILD_ENV, REDIS_URL: url, WORK_STEALING_ODD: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child.stderr.destroy();
    child.stdout.destroy();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(await ledger.redis.hget(key(account, 'account'), 'state')).toBe('halted');
  } finally {
    await ledger.close();
    await close();
  }
});
