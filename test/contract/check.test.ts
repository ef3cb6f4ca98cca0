/** `worksteal check` on a real account: text, JSON and exit codes. */
import { afterEach, describe, expect, it } from 'vitest';
import { checkCommand } from '../../src/cli/check.ts';
import { halt } from '../../src/ledger/commands/halt.ts';
import { noteHost } from '../../src/ledger/commands/hosts.ts';
import { noteOddities } from '../../src/ledger/commands/keeper-note.ts';
import { sweep } from '../../src/ledger/commands/sweep.ts';
import { key } from '../../src/ledger/keys.ts';
import { fingerprint, readSettings } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';
import { TEST_RULES, type TestAccount } from '../support/ledger.ts';

const ledgers = useLedgers();
afterEach(() => {
  process.exitCode = 0;
});

/** What the command wrote, and how it would end. */
async function check(account: string, ...args: string[]): Promise<{ text: string; exitCode: unknown }> {
  let text = '';
  const command = checkCommand({ REDIS_URL: ledgers.url, WORKSTEAL_ACCOUNT: account, NO_COLOR: '1' });
  const writeOut = (part: string): void => {
    text += part;
  };
  command.configureOutput({ writeOut }).exitOverride();
  await command.parseAsync(args, { from: 'user' });
  return { text, exitCode: process.exitCode };
}

const { settings } = readSettings(TEST_RULES);

/** An account with a keeper, a worker and a watcher, on a server that keeps what it holds. */
async function aFleet(): Promise<TestAccount> {
  const account = await ledgers.account();
  const { ledger, name } = account;
  await ledger.redis.config('SET', 'appendonly', 'yes');
  await ledger.redis.set(key(name, 'keeper'), 'one');
  await sweep(ledger, 10);
  for (const role of ['keep', 'work', 'watch'])
    await noteHost(ledger, { host: `${role}-1`, role, fingerprint: fingerprint(settings) });
  return account;
}

describe('worksteal check', () => {
  it('ends with 0 where all is well', async () => {
    const { name } = await aFleet();
    const { text, exitCode } = await check(name);
    expect(text).toMatch(/^keeper +well +active$/m);
    expect(text).toMatch(new RegExp(`${name} is well\n$`));
    expect(exitCode).toBe(0);
  });

  it('ends with 1 and says what to do where something is not', async () => {
    const { name, ledger } = await aFleet();
    await halt(ledger, 'by_hand', 'alice@ops');
    await ledger.redis.hdel(key(name, 'host:work-1'), 'role');
    const { text, exitCode } = await check(name);
    expect(text).toMatch(/^worker +not well +no heartbeat within 15 s/m);
    expect(text).toMatch(/^ +-> start `worksteal work`/m);
    expect(text).toMatch(/^entries +not well +not admitted: halted: by_hand, by alice@ops, at 20/m);
    expect(exitCode).toBe(1);
  });

  it('ends with 1 where the broker itself counts more than the cap', async () => {
    const { name, ledger } = await aFleet();
    await noteOddities(ledger, [], 1_000_000_001);
    const { text, exitCode } = await check(name);
    expect(text).toMatch(/^cap +not well +the broker counts \$1,000\.00 of a cap of \$1,000\.00$/m);
    expect(exitCode).toBe(1);
  });

  it('answers a program with one JSON object', async () => {
    const { name } = await aFleet();
    const { text } = await check(name, '--json');
    expect(JSON.parse(text)).toMatchObject({
      schema: 1,
      account: name,
      well: true,
      checks: expect.arrayContaining([
        { check: 'audit', well: true, words: expect.stringContaining('agrees'), next: '' },
      ]),
    });
  });

  it('ends with 1 for an account that the ledger does not hold', async () => {
    const { text, exitCode } = await check('nobody');
    expect(text).toMatch(/^account +not well +.*nobody/);
    expect(exitCode).toBe(1);
  });

  it('ends with 2 where Redis does not answer', async () => {
    const { text, exitCode } = await check('any', '--redis', 'redis://127.0.0.1:1');
    expect(text).toMatch(/^redis +unknown +can't say: /);
    expect(exitCode).toBe(2);
  });

  it('refuses an age that is not a number', async () => {
    await expect(check('any', '--outbox-age', 'long')).rejects.toThrow('--outbox-age: "long"');
  });
});
