/**
 * Each role as a real process under its own user of acl/worksteal.acl: together they complete a steal from
 * forecast to grant, and no permission is missing. test/contract/acl.test.ts checks what a role must not do.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { type Fleet, PATIENCE, type RoleName, startFleet } from '../support/fleet.ts';
import { type GuardedRedis, startGuardedRedis, type User } from '../support/guarded-redis.ts';
import { runRedisCli, SCRIPTS } from '../support/inspection.ts';
import type { RoleProcess } from '../support/role-process.ts';

const MAIN = join(packageRoot(), 'src/cli/main.ts');

let redis: GuardedRedis;
let fleet: Fleet;
const roles: RoleProcess[] = [];

beforeAll(async () => {
  redis = await startGuardedRedis();
  fleet = await startFleet(redis.url('admin'), {}, redis.account);
});
afterEach(({ task }) => {
  if (task.result?.state === 'fail') process.stderr.write(`${fleet.story()}\n`);
});
afterAll(async () => {
  await fleet.close();
  await redis.close();
});

function start(role: RoleName, host: string, env: Record<string, string> = {}): RoleProcess {
  const started = fleet.start(role, host, { REDIS_URL: redis.url(role), ...env });
  roles.push(started);
  return started;
}

function environment(user: User): Record<string, string> {
  const { url } = fleet.exchange;
  const broker = { APCA_API_BASE_URL: url, APCA_API_DATA_URL: url, WORKSTEAL_DATA_REQUESTS_PER_MINUTE: '0' };
  return {
    PATH: process.env['PATH'] ?? '',
    REDIS_URL: redis.url(user),
    WORKSTEAL_ACCOUNT: redis.account,
    WORK_STEALING_LEVERAGE: '1',
    ...broker,
  };
}

/** A command of the one program under a user; its standard output. */
async function run(user: User, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], {
    env: environment(user),
    timeout: 20_000,
  });
  return stdout;
}

/** Files these forecasts, and withdraws what they do not name. */
async function forecast(...rows: { symbol: string; pnl: string }[]): Promise<void> {
  const file = join(redis.folder, 'forecasts.json');
  writeFileSync(
    file,
    JSON.stringify(rows.map((row) => ({ limit: '100', quantity: '9', expiry: '4h', ...row }))),
  );
  await run('plan', 'plan', file, '--strategy', 'test');
}

describe('what its role needs, no user is refused', () => {
  it('a steal goes from the forecast to the grant, though a worker dies on the way', {
    timeout: 60_000,
  }, async () => {
    start('keep', 'keeper');
    start('keep', 'standby');
    const mortal = start('work', 'mortal', { WORKSTEAL_DIE_AFTER: 'after_cancel' });
    start('watch', 'victims');
    fleet.price('ETH', '100.5');
    fleet.price('UNI', '100.2');
    await forecast({ symbol: 'ETH', pnl: '1' });
    await expect
      .poll(async () => (await fleet.book()).orders, PATIENCE)
      .toEqual([expect.stringMatching(/^test-ETH-.* working$/)]);
    fleet.price('ETH', '110');
    await fleet.priceKnown('ETH', '110');
    await forecast({ symbol: 'ETH', pnl: '1' }, { symbol: 'UNI', pnl: '2.5' });
    start('watch', 'thieves');
    expect(await mortal.ended()).toBe('SIGKILL');
    start('work', 'heir');
    await expect
      .poll(async () => (await fleet.book()).orders, PATIENCE)
      .toEqual([expect.stringMatching(/^test-UNI-.* working$/)]);
    await expect.poll(async () => (await fleet.book()).outbox, PATIENCE).toBe(0);
    await fleet.expectSound();
  });

  it('it is looked at, by the commands and by the scripts at redis-cli', async () => {
    const [order = ''] = (await fleet.book()).live;
    const words = (script: string) => (script === 'why' ? [order] : []);
    await Promise.all(
      SCRIPTS.map(async (script) => {
        expect(await run('look', script, ...words(script))).not.toBe('');
        expect(
          await runRedisCli(redis.url('look'), redis.account, script, words(script)),
          script,
        ).not.toMatch(/ERR|NOPERM/);
      }),
    );
    expect(await run('look', 'config')).toContain('the same');
    const tail = spawn(process.execPath, [MAIN, 'tail', '--since', '1h'], {
      env: environment('look'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(String((await once(tail.stdout, 'data'))[0])).toContain('settings in force');
    tail.kill('SIGINT');
    expect(await once(tail, 'exit')).toEqual([130, null]);
  });

  it('it is halted and goes on, with the user of an operator', async () => {
    expect(await run('operate', 'halt', 'test')).toContain('halted');
    expect(await run('operate', 'resume')).toContain('resumed');
  });

  it('a person on call sees what there is, and stops it', { timeout: 60_000 }, async () => {
    const [order = ''] = (await fleet.book()).live;
    const plan = (await fleet.order(order))?.plan ?? '';
    for (const args of [['status'], ['orders'], ['plans'], ['why', plan], ['audit']])
      expect(await run('look', ...args)).not.toBe('');
    // Not all is well: what matters here is that nothing is refused.
    await run('look', 'check', '--json').catch(() => {});
    expect(await run('operate', 'cancel', order, '--yes')).toContain('cancelled');
    expect(await run('operate', 'withdraw', plan, '--yes')).toContain('withdrawn');
    // The plan that was robbed still waits.
    expect(await run('operate', 'close', '--all', '--yes')).toContain('1 of 1 done, as the broker confirmed');
    expect(await fleet.book()).toMatchObject({ live: [], orders: [], outbox: 0 });
  });

  it('its forecasts are taken back, and the account is empty', { timeout: 60_000 }, async () => {
    const file = join(redis.folder, 'none.json');
    writeFileSync(file, '[]');
    await run('plan', 'plan', file, '--strategy', 'test', '--allow-empty');
    await expect.poll(() => fleet.book(), PATIENCE).toMatchObject({ live: [], orders: [], outbox: 0 });
  });

  afterAll(async () => {
    for (const role of roles) await role.stop();
    const told = roles.flatMap(({ name, lines }) => lines.map((line) => `${name}: ${JSON.stringify(line)}`));
    expect(told.filter((line) => /NOPERM|not permitted|no permissions/i.test(line))).toEqual([]);
    // `check` asks for the server's `save` setting, and says that it may not.
    const refused = (await redis.refused()).filter((line) => line !== 'ws-look: toplevel config|get');
    expect(refused).toEqual([]);
  });
});
