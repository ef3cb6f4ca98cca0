/** `worksteal audit` on a consistent ledger and on inconsistent ones. */
import { afterEach, expect, it } from 'vitest';
import { auditCommand } from '../../src/cli/audit.ts';
import { lookForFaults } from '../../src/keeper/chores.ts';
import { audit } from '../../src/ledger/commands/audit.ts';
import { configure } from '../../src/ledger/commands/configure.ts';
import { isDamaged } from '../../src/ledger/commands/mend.ts';
import { sync } from '../../src/ledger/commands/sync.ts';
import { key } from '../../src/ledger/keys.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { useRedis } from '../support/fixtures.ts';
import { freshAccount } from '../support/redis.ts';

const redis = useRedis();
afterEach(() => {
  process.exitCode = undefined;
});

async function run(account: string, ...options: string[]): Promise<{ text: string; exitCode: number }> {
  let text = '';
  const command = auditCommand({ REDIS_URL: redis.url, WORKSTEAL_ACCOUNT: account });
  command.configureOutput({
    writeOut(part) {
      text += part;
    },
  });
  await command.parseAsync(options, { from: 'user' });
  return { text, exitCode: Number(process.exitCode ?? 0) };
}

it('reports a consistent ledger, or each fault with exit code 1', async () => {
  const account = freshAccount('audit');
  const ledger = await openLedger(redis.url, account);
  try {
    await configure(ledger, readSettings({}).settings, 60_000);
    await sync(ledger, 1e9, 1, [{ symbol: 'AAPL', side: 'long', qty: '1', costMicros: 5, pool: '' }]);
    const sound = await run(account, '--json');
    expect(JSON.parse(sound.text)).toMatchObject({ account, positions: 1, faultCount: 0, faults: [] });
    expect(sound.exitCode).toBe(0);
    await ledger.redis.hset(key(account, 'account'), 'positions_micros:total', '6');
    const { text, exitCode } = await run(account, '--json');
    expect(JSON.parse(text)).toEqual({
      schema: 1,
      account,
      orders: 0,
      positions: 1,
      faultCount: 1,
      faults: [expect.stringContaining('positions_micros is 6')],
    });
    expect(exitCode).toBe(1);
    expect((await run(account)).text).toContain('positions_micros is 6');
  } finally {
    await ledger.close();
  }
});

it('the keeper closes no account for an odd sum of regret, which the ledger’s audit names', async () => {
  const account = freshAccount('audit');
  const ledger = await openLedger(redis.url, account);
  try {
    await configure(ledger, readSettings({}).settings, 60_000);
    await sync(ledger, 1e9, 1, []);
    await ledger.redis.hset(key(account, 'regrets'), 'account', 'odd');
    expect((await audit(ledger))?.faults).toEqual([expect.stringMatching(/^regret: /)]);
    let isLost = false;
    const found = (): void => {
      isLost = true;
    };
    await lookForFaults(ledger, found);
    expect([isLost, await isDamaged(ledger)]).toEqual([false, false]);
    await ledger.redis.hset(key(account, 'account'), 'positions_micros:total', '6');
    await expect(lookForFaults(ledger, found)).rejects.toMatchObject({ code: 'damaged' });
    expect(isLost).toBe(true);
  } finally {
    await ledger.close();
  }
});

it('the keeper audits no book that would take long: orders, waiting plans and steals count', async () => {
  const account = freshAccount('audit');
  const ledger = await openLedger(redis.url, account);
  const { redis: at } = ledger;
  const many = (count: number): string[] => Array.from({ length: count }, (_, nth) => `x${nth}`);
  const steals = many(500).flatMap((id) => [1, id]);
  const looks = async (): Promise<string> => {
    const found = await lookForFaults(ledger, () => {}).catch(({ code }) => String(code));
    await at.hdel(key(account, 'account'), 'closed_by', 'damaged');
    return typeof found === 'number' ? 'none' : found;
  };
  try {
    await configure(ledger, readSettings({}).settings, 60_000);
    await sync(ledger, 1e9, 1, []);
    await at.sadd(key(account, 'live'), ...many(1_100));
    expect(await looks(), 'the orders have no records').toBe('damaged');
    await at.hset(key(account, 'waits'), ...many(1_000).flatMap((id) => [id, 'odd']));
    expect(await looks(), 'with as many plans it may still be done').toBe('damaged');
    await at.zadd(key(account, 'judged'), ...steals);
    expect(await looks(), 'with as many steals it would take too long').toBe('none');
    await at.zadd(key(account, 'watches'), 1, 'one-more');
    expect(await looks(), 'of more steals an audit looks at the counts alone').toBe('damaged');
  } finally {
    await ledger.close();
  }
});

it('reports an unknown account', async () => {
  await expect(run(freshAccount('nobody'))).rejects.toMatchObject({ code: 'unknown' });
});
