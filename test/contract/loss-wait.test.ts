/** Whoever files plans while the keeper waits after a loss is told for how long nothing is admitted. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { noteLossWait } from '../../src/ledger/commands/keeper-note.ts';
import { readLossWait } from '../../src/ledger/loss-wait.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { useLedgers } from '../support/fixtures.ts';
import { PROGRAM } from '../support/program.ts';

const ledgers = useLedgers();

it('worksteal plan warns of the wait, and says nothing where there is none', async () => {
  const { ledger, name } = await ledgers.account();
  const plan = async (): Promise<string> => {
    const env = { ...CHILD_ENV, REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: name };
    const child = spawn(process.execPath, [PROGRAM, 'plan', '-'], { env });
    child.stdin.end('symbol,side,limit,qty\nAAPL,buy,20,1\n');
    const [said, filed] = await Promise.all([text(child.stderr), text(child.stdout)]);
    expect(filed).toMatch(/1 (new|kept)/);
    return said;
  };
  expect(await readLossWait(ledger)).toBeUndefined();
  expect(await plan()).not.toMatch(/entries:/);
  await noteLossWait(ledger, 500_000);
  expect((await readLossWait(ledger))?.leftMs).toBeGreaterThan(400_000);
  expect(await plan()).toMatch(/^warning: entries: none for \d+ s more: an order sent before the ledger/m);
});
