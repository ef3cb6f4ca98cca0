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
import { CHILD_ENV } from '../support/child-env.ts';
import { type Fleet, PATIENCE, type RoleName, startFleet } from '../support/fleet.ts';
import { type GuardedRedis, startGuardedRedis, type User } from '../support/guarded-redis.ts';
import { runRedisCli, SCRIPTS } from '../support/inspection.ts';
import { PROGRAM } from '../support/program.ts';
import type { RoleProcess } from '../support/role-process.ts';
import { startReceiver } from '../support/webhook-receiver.ts';

let redis: GuardedRedis;
let fleet: Fleet;
const roles: RoleProcess[] = [];
let keeper: RoleProcess;

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
    ...CHILD_ENV,
    REDIS_URL: redis.url(user),
    WORKSTEAL_ACCOUNT: redis.account,
    WORK_STEALING_LEVERAGE: '1',
    ...broker,
  };
}

/** A command of the one program under a user; its standard output. */
async function run(user: User, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, ...args], {
    env: environment(user),
    timeout: 180_000,
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
    timeout: 180_000,
  }, async () => {
    keeper = start('keep', 'keeper', { WORKSTEAL_METRICS_PORT: '0' });
    await keeper.until('it is active', ({ lines }) => lines.some(({ msg }) => msg === 'keeper: active'));
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
        const command = script === 'regret' ? ['steals', '--regret'] : [script, ...words(script)];
        expect(await run('look', ...command)).not.toBe('');
        expect(
          await runRedisCli(redis.url('look'), redis.account, script, words(script)),
          script,
        ).not.toMatch(/ERR|NOPERM/);
      }),
    );
    expect(await run('look', 'config')).toContain('the same');
    expect(await run('look', 'report')).toContain('who takes from whom');
    const tail = spawn(process.execPath, [PROGRAM, 'tail', '--since', '1h'], {
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

  it('its keeper counts the book for its metrics', { timeout: 180_000 }, async () => {
    const served = /^metrics: served at (\S+)$/;
    const [url = ''] = keeper.lines.flatMap(({ msg }) => served.exec(msg)?.slice(1) ?? []);
    const tells = async () => (await (await fetch(url)).text()).includes('\nworksteal_cap_dollars{');
    // It counts seldom where a count takes long.
    await expect.poll(tells, { ...PATIENCE, timeout: 100_000 }).toBe(true);
  });

  it('two alert processes tell of a halt once, and of its end', { timeout: 180_000 }, async () => {
    const receiver = await startReceiver();
    try {
      const env = {
        WORKSTEAL_ALERT_URL: receiver.url,
        WORKSTEAL_ALERT_SECRET: 'a secret of the receiver',
        WORKSTEAL_ALERT_EVERY_MS: '100',
        WORKSTEAL_ALERT_AFTER_MS: '300',
      };
      const alerts = ['a1', 'a2'].map((host) => start('alert', host, env));
      for (const one of alerts)
        await one.until('it judges', ({ lines }) =>
          lines.some(({ msg }) => msg.startsWith('alert: judging')),
        );
      const halts = () => receiver.told().filter((line) => line.endsWith('entries.halted'));
      await run('operate', 'halt', 'test');
      await expect.poll(halts, PATIENCE).toEqual(['firing entries.halted']);
      await run('operate', 'resume');
      await expect.poll(halts, PATIENCE).toEqual(['firing entries.halted', 'resolved entries.halted']);
      for (const one of alerts) expect(await one.stop()).toBe(0);
      expect(halts()).toHaveLength(2);
      expect(JSON.stringify(alerts.map(({ lines }) => lines))).not.toMatch(/a secret of|\/hook/);
    } finally {
      await receiver.stop();
    }
  });

  it('a bot enters, places and cancels an order over HTTP, until its token is revoked', {
    timeout: 180_000,
  }, async () => {
    const file = join(redis.folder, 'tokens.json');
    const token = (await run('serve', 'token', 'new', 'bot', '--scope', 'trade', '--file', file)).trim();
    const serve = start('serve', 'api', { WORKSTEAL_API_PORT: '0', WORKSTEAL_API_TOKENS: file });
    const served = () => serve.lines.find(({ msg }) => msg.startsWith('api: served at'))?.['url'];
    await serve.until('it is served', () => served() !== undefined);
    const ask = async (method: string, path: string, body?: object) => {
      const answer = await fetch(`${served()}/v1/accounts/${redis.account}/${path}`, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: answer.status, ...((await answer.json()) as object) };
    };
    const wish = { symbol: 'V0', side: 'buy', limit: '10', qty: '2' };
    fleet.price('V0', '11');
    for (const _ of ['by its text', 'by its hash'])
      expect(await ask('POST', 'decide', wish)).toMatchObject({ reason: 'fits', admitted: true });
    expect(await ask('PUT', 'orders/bot-1', wish)).toMatchObject({ outcome: 'reserved', how: 'fits' });
    expect(await ask('POST', 'orders/bot-1/place')).toMatchObject({ outcome: 'working' });
    for (const path of [
      'status',
      'orders',
      'plans',
      'steals',
      'fights',
      'refusals',
      'hosts',
      'settings',
      'audit',
    ])
      expect(await ask('GET', path), path).toMatchObject({ status: 200 });
    expect(await ask('GET', 'why/bot-1')).toMatchObject({ id: 'bot-1', state: 'working' });
    expect(await ask('POST', 'orders/bot-1/cancel')).toMatchObject({ outcome: 'cancelling' });
    await expect.poll(() => ask('GET', 'orders/bot-1'), PATIENCE).toMatchObject({ state: 'cancelled' });
    expect(await ask('PUT', 'plans/bot-plan', { ...wish, startsAtMs: 9e12 })).toMatchObject({ status: 201 });
    expect(await ask('DELETE', 'plans/bot-plan')).toMatchObject({ status: 200 });
    await run('serve', 'token', 'revoke', 'bot', '--file', file);
    await expect.poll(async () => (await ask('GET', 'status')).status, PATIENCE).toBe(401);
    expect(JSON.stringify(serve.lines)).not.toContain(token);
    expect(serve.lines.filter(({ msg }) => msg.startsWith('mirror: '))).toEqual([]);
    // Without a port for metrics, too, it looks at Redis again and again.
    const ready = await (await fetch(`${served()}/readyz`)).text();
    expect(ready).toContain(`{"check":"${redis.account}: redis","well":true`);
    expect(await serve.stop()).toBe(0);
  });

  it("a bot trades through the gateway with Alpaca's protocol, until its keys are revoked", {
    timeout: 180_000,
  }, async () => {
    const file = join(redis.folder, 'bots.json');
    const made = await run('gateway', 'token', 'new', 'bot', '--gateway', '--symbols', 'V0', '--file', file);
    const [, keyId = '', secret = ''] =
      /^APCA_API_KEY_ID=(\S+)\nAPCA_API_SECRET_KEY=(\S+)\n$/.exec(made) ?? [];
    const variables = { WORKSTEAL_GATEWAY_PORT: '0', WORKSTEAL_API_TOKENS: file };
    const gateway = start('gateway', 'gateway', variables);
    const served = () => gateway.lines.find(({ msg }) => msg.startsWith('gateway: served at'))?.['url'];
    await gateway.until('it is served', () => served() !== undefined);
    const ask = async (method: string, path: string, body?: object) => {
      const headers = { 'APCA-API-KEY-ID': keyId, 'APCA-API-SECRET-KEY': secret };
      const json = body && { 'content-type': 'application/json' };
      const text = body && JSON.stringify(body);
      const sent = { method, headers: { ...headers, ...json }, ...(text && { body: text }) };
      const answer = await fetch(`${served()}${path}`, sent);
      return { status: answer.status, body: JSON.parse((await answer.text()) || 'null') };
    };
    fleet.price('V0', '11');
    const order = { symbol: 'V0', qty: '1', side: 'buy', type: 'limit', limit_price: '10' };
    const id = { client_order_id: 'any id / of mine', time_in_force: 'day' };
    const { status, body } = await ask('POST', '/v2/orders', { ...order, ...id });
    expect({ status, body }).toMatchObject({ status: 200, body: { client_order_id: 'any id / of mine' } });
    expect(await ask('GET', '/v2/orders?status=open')).toMatchObject({ status: 200 });
    expect(await ask('DELETE', `/v2/orders/${body.id}`)).toMatchObject({ status: 204 });
    await expect
      .poll(async () => (await ask('GET', `/v2/orders/${body.id}`)).body.status, PATIENCE)
      .toBe('canceled');
    await run('gateway', 'token', 'revoke', 'bot', '--file', file);
    await expect.poll(async () => (await ask('GET', '/v2/orders')).status, PATIENCE).toBe(401);
    expect(JSON.stringify(gateway.lines)).not.toContain(secret);
    expect(await gateway.stop()).toBe(0);
  });

  it('a person on call sees what there is, and stops it', { timeout: 180_000 }, async () => {
    const [order = ''] = (await fleet.book()).live;
    const plan = (await fleet.order(order))?.plan ?? '';
    for (const args of [['status'], ['orders'], ['plans'], ['why', plan], ['audit']])
      expect(await run('look', ...args)).not.toBe('');
    // Not all is well: what matters here is that nothing is refused.
    await run('look', 'check', '--json').catch(() => {});
    expect(await run('operate', 'cancel', order, '--yes')).toContain('cancelled');
    expect(await run('operate', 'withdraw', plan, '--yes')).toContain('withdrawn');
    // The plan that was robbed still waits.
    expect(await run('operate', 'close', '--all', '--yes')).toContain('1 of 1 done');
    expect(await fleet.book()).toMatchObject({ live: [], orders: [], outbox: 0 });
  });

  it('its forecasts are taken back, and the account is empty', { timeout: 180_000 }, async () => {
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
