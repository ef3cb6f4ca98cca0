/**
 * One keeper is active, the others stand by and take over however it ends. The killed keeper is a real
 * process.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { configure } from '../../src/ledger/commands/configure.ts';
import { key } from '../../src/ledger/keys.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { useRedis } from '../support/fixtures.ts';
import { type Stage, startStage, until } from '../support/keeper.ts';
import { PROGRAM } from '../support/program.ts';

const redis = useRedis();
let stage: Stage;
const children: ChildProcess[] = [];
beforeEach(async () => {
  stage = await startStage(redis.url);
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await stage.close();
});

type Told = { active?: boolean; reconciles?: number };

function keepProcess(): { child: ChildProcess; told: () => Told } {
  const env = {
    ...CHILD_ENV,
    REDIS_URL: redis.url,
    WORKSTEAL_ACCOUNT: stage.account,
    APCA_API_BASE_URL: stage.exchange.url,
    APCA_API_DATA_URL: stage.exchange.url,
    APCA_API_KEY_ID: 'k',
    APCA_API_SECRET_KEY: 's',
    WORKSTEAL_SYNC_MS: '200',
    WORKSTEAL_LEASE_MS: '1000',
    WORKSTEAL_REQUESTS_PER_MINUTE: '100000',
  };
  const child = spawn(process.execPath, [PROGRAM, 'keep'], {
    env,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  children.push(child);
  let told: Told = {};
  child.on('message', (message: { type?: string } & Told) => {
    if (message.type === 'keeper') told = message;
  });
  return { child, told: () => told };
}

it('of two keepers one is active; when it stops the other takes over at once', async () => {
  const first = await stage.keeper();
  await until('the first is active', () => first.report()?.active === true);
  const said: string[] = [];
  const info = (first: unknown, text?: string) => void said.push(text ?? String(first));
  const second = await stage.keeper({ log: { debug() {}, warn() {}, error() {}, info } });
  await stage.send(stage.wish('a_0'));
  await until('the order works', async () => (await stage.order('a_0'))?.state === 'working');
  expect(second.report()).toBeUndefined();
  expect(said).toEqual(['keeper: standing by']);
  await first.stop();
  expect(first.report()?.active).toBe(false);
  await until('the second is active', () => second.report()?.active === true);
  stage.price('AAPL', '100');
  await until('the order is filled', async () => (await stage.order('a_0'))?.state === 'filled');
  await stage.agrees();
});

it('when the active one is killed, another takes over within a lease and finds what was missed', async () => {
  const { child, told } = keepProcess();
  await until('the process keeps the account', () => told().active === true);
  const second = await stage.keeper({ leaseMs: 1_000 });
  await stage.send(stage.wish('a_0'));
  await until('the order works', async () => (await stage.order('a_0'))?.state === 'working');
  child.kill('SIGKILL');
  await once(child, 'exit');
  stage.price('AAPL', '100');
  await until('the order is filled', async () => (await stage.order('a_0'))?.state === 'filled');
  await until('the second is active', () => second.report()?.active === true);
  await stage.agrees();
});

it('the program ends in order at SIGTERM and gives its turn back', async () => {
  const { child, told } = keepProcess();
  await until('the process keeps the account', () => told().active === true);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(await stage.ledger.redis.exists(key(stage.account, 'keeper'))).toBe(0);
});

it('two that are active at once come to the same', async () => {
  await configure(stage.ledger, readSettings({}).settings, 10_000);
  const always = {
    acquire: never,
    tryAcquire: async () => ({ value: 'mine', extend: async () => true, release: async () => {} }),
  };
  const keepers = [await stage.keeper({ mutex: always }), await stage.keeper({ mutex: always })];
  await until('both are active', () => keepers.every((keeper) => keeper.report()?.active === true));
  const { brokerId } = await stage.send(stage.wish('ends'));
  await stage.send(stage.wish('fills', { symbol: 'MSFT' }));
  await until(
    'they work',
    async () =>
      (await stage.order('fills'))?.state === 'working' && (await stage.order('ends'))?.state === 'working',
  );
  await stage.broker.cancel(brokerId);
  stage.price('MSFT', '100');
  await until('it is filled', async () => (await stage.order('fills'))?.state === 'filled');
  await until('it is cancelled', async () => (await stage.order('ends'))?.state === 'cancelled');
  await stage.agrees();
});

async function never(): Promise<never> {
  throw new Error('nobody waits for it');
}
