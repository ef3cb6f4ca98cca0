/** `worksteal doctor` on a real Redis and the paper exchange. It changes nothing at either. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeMarket } from '../../src/cli/doctor/broker.ts';
import { doctorCommand } from '../../src/cli/doctor.ts';
import { BROKERS } from '../../src/fleet/brokers.ts';
import { DOCTOR } from '../../src/json/doctor.ts';
import { key } from '../../src/ledger/keys.ts';
import { infoField } from '../../src/redis/advice.ts';
import type { Env } from '../../src/rules/settings.ts';
import { startTestExchange, type TestExchange } from '../support/exchange.ts';
import { useLedgers } from '../support/fixtures.ts';

const ledgers = useLedgers();
let exchange: TestExchange;
beforeEach(async () => {
  exchange = await startTestExchange({ rateLimit: 200 });
  exchange.price('AAPL', '190');
});
afterEach(async () => {
  process.exitCode = 0;
  await exchange.close();
});

/** What the command wrote, and how it would end. */
async function doctor(env: Env, ...args: string[]): Promise<{ text: string; exitCode: unknown }> {
  let text = '';
  const command = doctorCommand({
    REDIS_URL: ledgers.url,
    APCA_API_BASE_URL: exchange.url,
    APCA_API_DATA_URL: exchange.url,
    APCA_API_KEY_ID: 'k',
    APCA_API_SECRET_KEY: 's',
    NO_COLOR: '1',
    ...env,
  });
  const writeOut = (part: string): void => {
    text += part;
  };
  command.configureOutput({ writeOut }).exitOverride();
  await command.parseAsync(args, { from: 'user' });
  return { text, exitCode: process.exitCode };
}

/** A proxy before the exchange that notes the method of each request. */
async function recording(target: string): Promise<{ url: string; methods: string[]; close: () => void }> {
  const methods: string[] = [];
  const server = createServer(async ({ method = '', url = '' }, response) => {
    methods.push(method);
    const answer = await fetch(target + url, { method });
    const { status, headers } = answer;
    response.writeHead(status, Object.fromEntries(headers)).end(await answer.text());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, methods, close: () => server.close() };
}

/** How many changes to keys the server has counted. */
async function changesOf(redis: Redis): Promise<string | undefined> {
  return infoField(await redis.info('persistence'), 'rdb_changes_since_last_save');
}

describe('worksteal doctor', () => {
  it('ends with 0 where all is well, and names account, caps, budget and price', async () => {
    const { ledger, name } = await ledgers.account();
    await ledger.redis.config('SET', 'appendonly', 'yes');
    const { text, exitCode } = await doctor({ WORKSTEAL_ACCOUNT: name, WORK_STEALING_POOLS: 'crypto:1' });
    expect(text).toMatch(/^node +well +Node 2/);
    expect(text).toMatch(/^keys +well +accepted, of account PA/m);
    expect(text).toMatch(
      /^budget +well +equity \$100,000\.00; caps: total \$200,000\.00 \(2 x\), crypto \$100/m,
    );
    expect(text).toMatch(/^market data +well +AAPL at 190/m);
    expect(text).toMatch(/^requests +well +200 requests a minute are set, 0 used .*the broker allows 200$/m);
    expect(text).toMatch(/^permissions +well +user default may run every role$/m);
    expect(text).toMatch(/^broker clock +well/m);
    expect(text).toMatch(/^account +well +the keys are of account PA\w+; the ledger \S+ is new/m);
    expect(text).toMatch(/^fsync +well +appendfsync everysec$/m);
    expect(text).toMatch(new RegExp(`the setup of ${name} is well\n$`));
    expect(exitCode).toBe(0);
  });

  it('writes no key to Redis and sends the exchange nothing but GET', async () => {
    const { ledger, name } = await ledgers.account();
    const changes = await changesOf(ledger.redis);
    const { url, methods, close } = await recording(exchange.url);
    const { text } = await doctor({
      ...{ WORKSTEAL_ACCOUNT: name, APCA_API_BASE_URL: url, APCA_API_DATA_URL: url },
    }).finally(close);
    expect(text).toMatch(/^market data +well +AAPL at 190/m);
    expect(await changesOf(ledger.redis)).toBe(changes);
    expect([...new Set(methods)]).toEqual(['GET']);
  });

  it('refuses keys of another account than the ledger is kept for', async () => {
    const { ledger, name } = await ledgers.account();
    await ledger.redis.hset(key(name, 'account'), 'broker_account', 'PAOTHER');
    const { text, exitCode } = await doctor({ WORKSTEAL_ACCOUNT: name });
    expect(text).toMatch(/^account +not well +the keys are of account PA\w+, the ledger .* PAOTHER$/m);
    expect(exitCode).toBe(1);
  });

  it('says what to do about each fault of the setup', async () => {
    const { text, exitCode } = await doctor({
      ...{ REDIS_URL: '', APCA_API_KEY_ID: '', WORKSTEAL_LEESE_MS: '5', WORK_STEALING_LEVERAGE: 'much' },
    });
    expect(text).toMatch(/^settings +not well +.*WORK_STEALING_LEVERAGE="much"/m);
    expect(text).toMatch(/^variables +not well +WORKSTEAL_LEESE_MS .*did you mean WORKSTEAL_LEASE_MS\?$/m);
    expect(text).toMatch(/^keys +not well +APCA_API_KEY_ID: is missing/m);
    expect(text).toMatch(/^redis +unknown +can't say: REDIS_URL is not set\n +-> .*worksteal up/m);
    expect(exitCode).toBe(1);
  });

  it('finds nothing wrong with a missing address of Redis, and can not say more', async () => {
    const { text, exitCode } = await doctor({ REDIS_URL: '' });
    expect(text).not.toContain('not well');
    expect(text).toMatch(/^redis +unknown/m);
    expect(exitCode).toBe(2);
    expect((await doctor({ REDIS_URL: 'localhost' })).text).toMatch(/^redis +not well +.*must look like/m);
  });

  it("shows the broker's account as it is", async () => {
    await exchange.call('POST', '/faults', {
      accountSays: { trading_blocked: true, shorting_enabled: false, multiplier: '1' },
    });
    const { text } = await doctor({ WORKSTEAL_REQUESTS_PER_MINUTE: '1000' });
    expect(text).toMatch(/^status +not well +.*trading_blocked$/m);
    expect(text).toMatch(/^shorting +not well/m);
    expect(text).toMatch(/^budget +not well +the broker grants 1 x equity, the cap is 2 x/m);
    expect(text).toMatch(/^requests +not well +1000 .*allows 200\n +-> set .* to 200 or less$/m);
  });

  it('is unsure where the broker does not answer, and says where Redis does not', async () => {
    const silent = await doctor({ APCA_API_BASE_URL: 'http://127.0.0.1:1' });
    expect(silent.text).toMatch(/^keys +unknown +can't say: .*ECONNREFUSED/m);
    const { text, exitCode } = await doctor({}, '--redis', 'redis://127.0.0.1:1');
    expect(text).toMatch(/^redis +not well +.*no answer from 127\.0\.0\.1:1/m);
    expect(exitCode).toBe(1);
  });

  it.each([
    ['https://api.alpaca.markets', 'live', 'LIVE: orders use REAL MONEY (https://api.alpaca.markets)'],
    ['https://broker-api.alpaca.markets', 'live', 'LIVE: orders use REAL MONEY (https://broker-api.'],
    ['https://paper-api.alpaca.markets', 'paper', 'PAPER: no real money (https://paper-api.'],
    ['https://paper-api.alpaca.markets.example', 'private', 'neither Alpaca live nor Alpaca paper'],
  ])('%s: says which money is at stake', (url, market, words) => {
    const read = BROKERS.alpaca.read({ APCA_API_BASE_URL: url }, false);
    const settings = 'settings' in read ? read.settings : undefined;
    expect(settings?.market).toBe(market);
    expect(settings && judgeMarket(settings).words).toContain(words);
  });

  it('says that a user without ACL rights can not be judged', async () => {
    const { ledger } = await ledgers.account();
    await ledger.redis.call(
      'ACL',
      'SETUSER',
      'narrow',
      'on',
      '>p',
      '~*',
      '+@read',
      '+info',
      '+time',
      '+config',
    );
    const url = ledgers.url.replace('redis://', 'redis://narrow:p@');
    const { text } = await doctor({ REDIS_URL: url });
    expect(text).toMatch(
      /^permissions +unknown +can't say: the rights of .* could not be read: .* is not permitted/m,
    );
    // What the server said is put into words.
    expect(text).not.toMatch(/NOPERM/);
    await ledger.redis.call('ACL', 'SETUSER', 'narrow', '+acl');
    const asked = await doctor({ REDIS_URL: url });
    expect(asked.text).toMatch(
      /^permissions +not well +user narrow lacks .*every role \(evalsha ws:\{main\}/m,
    );
  });

  it('answers a program with one JSON object', async () => {
    const { text } = await doctor({}, '--json');
    expect(DOCTOR.parse(JSON.parse(text))).toMatchObject({ schema: 1, account: 'main', market: 'private' });
  });
});
