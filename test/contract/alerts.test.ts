/** Alert processes on a real account, against a receiver that is there, down, and there again. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Alerter } from '../../src/alerts/alerter.ts';
import { Lead } from '../../src/alerts/lead.ts';
import type { Shape } from '../../src/alerts/message.ts';
import { signatureOf } from '../../src/alerts/signature.ts';
import { Webhook } from '../../src/alerts/webhook.ts';
import { judgeAccount } from '../../src/inspection/check/account.ts';
import { DEFAULT_LIMITS } from '../../src/inspection/check/diagnose.ts';
import { halt } from '../../src/ledger/commands/halt.ts';
import { noteHost } from '../../src/ledger/commands/hosts.ts';
import { noteOddities } from '../../src/ledger/commands/keeper-note.ts';
import { resume } from '../../src/ledger/commands/resume.ts';
import { sweep } from '../../src/ledger/commands/sweep.ts';
import { key } from '../../src/ledger/keys.ts';
import { type Ledger, openLedger } from '../../src/ledger/ledger.ts';
import { redlockMutex } from '../../src/mutex/redlock-mutex.ts';
import { packageRoot } from '../../src/package-root.ts';
import { serverBinary } from '../../src/redis/open.ts';
import { fingerprint, readSettings } from '../../src/rules/settings.ts';
import { sendTest } from '../../workers/alert.ts';
import { useLedgers } from '../support/fixtures.ts';
import { until } from '../support/keeper.ts';
import { anOrder, TEST_RULES, type TestAccount } from '../support/ledger.ts';
import { freshAccount } from '../support/redis.ts';
import { preparePlace, startAt } from '../support/restartable-redis.ts';
import { type Receiver, startReceiver } from '../support/webhook-receiver.ts';

const ledgers = useLedgers();
const SECRET = 'a secret of the receiver';
const EVERY_MS = 20;
const LAST_MS = 60;
/** A dead one's lead ends after this. */
const LEAD_MS = 1_000;
const quiet = { debug: () => {}, info: () => {}, warn: () => {} };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function aReceiver(): Promise<Receiver> {
  const receiver = await startReceiver();
  closing.push(() => receiver.stop());
  return receiver;
}

/**
 * An alert process of this account. `die`: it ends as if it was killed, and keeps its lead. `beforeLead`:
 * what happens before it extends its lead.
 */
function alerter(
  ledger: Ledger,
  { url }: Receiver,
  host = 'a1',
  shape: Shape = 'json',
  beforeLead = async (): Promise<void> => {},
) {
  const stopping = new AbortController();
  const lead = new Lead(redlockMutex([ledger.redis]), key(ledger.account, 'alerter'), LEAD_MS);
  let dies = false;
  const one = new Alerter({
    ledger,
    judge: () => judgeAccount(ledger, DEFAULT_LIMITS),
    lead: {
      async take() {
        await beforeLead();
        return await lead.take();
      },
      release: async () => (dies ? undefined : await lead.release()),
    },
    webhook: new Webhook({ url, shape, secret: SECRET, timeoutMs: 2_000 }, { account: ledger.account, host }),
    // The server of a test writes no file.
    ignored: ['persistence'],
    ...{ everyMs: EVERY_MS, lastMs: LAST_MS, log: quiet },
  });
  const running = one.run(stopping.signal);
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
  };
  closing.push(stop);
  return {
    state: () => one.state,
    stop,
    async die() {
      dies = true;
      await stop();
    },
  };
}

const { settings } = readSettings(TEST_RULES);

/** An account that is well. Its clocks stand still, so it stays so. */
async function aFleet(): Promise<TestAccount> {
  const account = await ledgers.account();
  const { ledger, name } = account;
  await ledger.redis.set(key(name, 'keeper'), 'one');
  await sweep(ledger, 10);
  for (const role of ['keep', 'work', 'watch'])
    await noteHost(ledger, { host: `${role}-1`, role, fingerprint: fingerprint(settings) });
  return account;
}

describe('an alert process', () => {
  it('tells a fault once, signed, and that it is over', async () => {
    const { ledger, name } = await aFleet();
    const receiver = await aReceiver();
    alerter(ledger, receiver);
    await halt(ledger, 'fills are odd', 'alice@ops');
    await until('it is told', () => receiver.messages.length > 0);
    await resume(ledger, 'over', 'alice@ops');
    await until('its end is told', () => receiver.messages.length > 1);
    expect(receiver.told()).toEqual(['firing entries.halted', 'resolved entries.halted']);
    for (const { headers, text, body } of receiver.messages) {
      expect(headers['x-worksteal-signature']).toBe(
        signatureOf(SECRET, String(headers['x-worksteal-timestamp']), text),
      );
      expect(headers['x-worksteal-delivery']).toBe(body['id']);
      expect(body).toMatchObject({
        account: name,
        words: expect.stringContaining('fills are odd, by alice'),
      });
    }
    await until('nothing is on record', async () => (await ledger.redis.exists(key(name, 'alerts'))) === 0);
  });

  it.each<[string, (account: TestAccount) => Promise<unknown>]>([
    [
      'entries.unsynced',
      (account) => account.ledger.redis.hset(key(account.name, 'account'), 'synced_at_ms', 0),
    ],
    ['worker', ({ ledger, name }) => ledger.redis.hdel(key(name, 'host:work-1'), 'role')],
    [
      'settings',
      ({ ledger }) => noteHost(ledger, { host: 'watch-1', role: 'watch', fingerprint: 'another' }),
    ],
    ['cap', ({ ledger }) => noteOddities(ledger, [], 1_000_000_001)],
    [
      'outbox',
      async (account) => {
        await account.prices({ MSFT: '110', AAPL: '100' });
        await account.place(anOrder('m').of('MSFT').at('100').worth(1000).pnl('5'));
        await account.steal(anOrder('t').of('AAPL').at('100').worth(400).pnl('9'));
        await account.advanceHealth(11_000);
        await sweep(account.ledger, 10);
        for (const role of ['keep', 'work', 'watch'])
          await noteHost(account.ledger, { host: `${role}-1`, role, fingerprint: fingerprint(settings) });
      },
    ],
    [
      'steals',
      async ({ ledger, name, nowMs }) => {
        for (const at of [1, 2, 3, 4, 5]) {
          await ledger.redis.zadd(key(name, 'steals'), nowMs() - at, `T${at}>V${at}#s${at}`);
          await ledger.redis.hset(
            key(name, `steal:s${at}`),
            'state',
            'failed',
            'reason',
            'a victim was filled',
          );
        }
      },
    ],
  ])('tells of %s', async (told, happen) => {
    const account = await aFleet();
    const receiver = await aReceiver();
    await happen(account);
    alerter(account.ledger, receiver);
    await until('it is told', () => receiver.messages.length > 0);
    expect(receiver.told()).toEqual([`firing ${told}`]);
  });

  it('tries a receiver that is down again until it is back, and tells what is still so', async () => {
    const { ledger } = await aFleet();
    const receiver = await aReceiver();
    await receiver.stop();
    const one = alerter(ledger, receiver);
    await halt(ledger, 'test', 'alice@ops');
    await until('it has tried', () => one.state().fault !== undefined);
    expect(one.state().fault).toMatch(/^it can't be reached \(ECONNREFUSED\)$/);
    await receiver.start();
    await until('it is told', () => receiver.messages.length > 0);
    expect(receiver.told()).toEqual(['firing entries.halted']);
    await until('it knows that it is delivered', () => one.state().fault === undefined);
    expect(one.state()).toMatchObject({ leads: true, firing: 1 });
  });

  it('tells by one message of what was over before the receiver was back', async () => {
    const { ledger } = await aFleet();
    const receiver = await aReceiver();
    receiver.answer(503);
    const one = alerter(ledger, receiver);
    await halt(ledger, 'test', 'alice@ops');
    await until('it was refused', () => one.state().fault === 'it answered 503');
    await resume(ledger, 'over', 'alice@ops');
    await until('it is over', () => one.state().firing === 0);
    receiver.answer(200);
    await until('it is told', () => receiver.messages.length > 0);
    expect(receiver.told()).toEqual(['resolved entries.halted']);
  });

  it('posts a text to Slack', async () => {
    const { ledger, name } = await aFleet();
    const receiver = await aReceiver();
    alerter(ledger, receiver, 'a1', 'slack');
    await halt(ledger, 'test', 'alice@ops');
    await until('it is told', () => receiver.messages.length > 0);
    expect(receiver.messages[0]?.body).toEqual({
      text: expect.stringMatching(new RegExp(`^${name}: entries: not admitted: halted: test, by alice`)),
    });
  });
});

describe('a test message', () => {
  it("arrives, and the page's receiver takes it; one that was changed it does not take", async () => {
    const receiver = await aReceiver();
    const env = { WORKSTEAL_ALERT_URL: receiver.url, WORKSTEAL_ALERT_SECRET: SECRET };
    await sendTest(env);
    const { headers = {}, text = '' } = receiver.messages[0] ?? {};
    const page = readFileSync(join(packageRoot(), 'docs', 'alerts.md'), 'utf8');
    const example = /```python\n(.*?)```/s.exec(page)?.[1] ?? '';
    const names = ['X-Worksteal-Timestamp', 'X-Worksteal-Signature'];
    const sent = JSON.stringify(Object.fromEntries(names.map((name) => [name, headers[name.toLowerCase()]])));
    const asks = (body: string): string =>
      execFileSync('python3', ['-c', `${example}\nimport sys\n${ASK}`, sent, body], { encoding: 'utf8' });
    const ASK = `import json; print(is_ours("${SECRET}", json.loads(sys.argv[1]), sys.argv[2].encode()))`;
    expect([asks(text), asks(`${text} `)]).toEqual(['True\n', 'False\n']);
  });

  it('says how the account is, so that a wrong one shows', async () => {
    const { name } = await aFleet();
    const receiver = await aReceiver();
    const to = { WORKSTEAL_ALERT_URL: receiver.url, WORKSTEAL_ALERT_SECRET: SECRET, REDIS_URL: ledgers.url };
    await sendTest({ ...to, WORKSTEAL_ACCOUNT: name, WORKSTEAL_ALERT_IGNORE: 'persistence' });
    await sendTest({ ...to, WORKSTEAL_ACCOUNT: 'nobody' });
    const words = receiver.messages.map(({ text }) => (JSON.parse(text) as { words: string }).words);
    expect(words[0]).toMatch(/arrive here; (it is well|not well: persistence)$/);
    expect(words[1]).toMatch(/; not well: account$/);
  });

  it('says what is missing, and why it does not arrive', async () => {
    await expect(sendTest({})).rejects.toThrow('WORKSTEAL_ALERT_URL: is missing');
    const env = { WORKSTEAL_ALERT_URL: 'http://127.0.0.1:1/', WORKSTEAL_ALERT_SHAPE: 'slack' };
    await expect(sendTest({ ...env, WORKSTEAL_ALERT_SHAPE: 'json' })).rejects.toThrow('_SECRET: is missing');
    await expect(sendTest(env)).rejects.toThrow("not delivered: it can't be reached");
  });
});

it('an account that could not be asked for is neither there nor missing', async () => {
  const ledger = await openLedger(ledgers.url, freshAccount('alerts'));
  closing.push(() => ledger.close());
  const ofAccount = async () => (await judgeAccount(ledger, DEFAULT_LIMITS))[0];
  expect(await ofAccount()).toMatchObject({ check: 'account', well: false });
  ledger.redis.disconnect();
  expect(await ofAccount()).toMatchObject({ check: 'account', well: null });
});

describe('of two alert processes', () => {
  it('one tells; the other goes on where it stopped, and repeats nothing', async () => {
    const { ledger } = await aFleet();
    const receiver = await aReceiver();
    const first = alerter(ledger, receiver, 'a1');
    await until('the first leads', () => first.state().leads);
    const second = alerter(ledger, receiver, 'a2');
    await halt(ledger, 'test', 'alice@ops');
    await until('it is told', () => receiver.messages.length > 0);
    expect(second.state()).toEqual({ leads: false, firing: 0, fault: undefined });
    const record = () => ledger.redis.hget(key(ledger.account, 'alerts'), 'entries.halted');
    await until('it is on record', async () => (await record())?.includes('"isTold":true') === true);
    await first.die();
    await until('the second leads', () => second.state().leads);
    expect(second.state().firing).toBe(1);
    await resume(ledger, 'over', 'alice@ops');
    await until('its end is told', () => receiver.messages.length > 1);
    expect(receiver.told()).toEqual(['firing entries.halted', 'resolved entries.halted']);
    expect(receiver.messages.map(({ body }) => body['host'])).toEqual(['a1', 'a2']);
  });
});

it.each(['between two looks', 'while it extends its lead'])(
  'an outage of Redis that begins %s is told by the one that led, and its end',
  async (when) => {
    // At a port that no client of it can come to have while it is down.
    const { path } = await serverBinary(process.env, quiet);
    const place = preparePlace(path, []);
    const redis = await startAt(place);
    closing.push(async () => rmSync(place.root, { recursive: true, force: true }));
    const receiver = await aReceiver();
    const ledger = await openLedger(redis.url, freshAccount('alerts'));
    closing.push(() => ledger.close());
    let endsRedis = false;
    const one = alerter(ledger, receiver, 'a1', 'json', async () => {
      if (endsRedis) await redis.close();
      endsRedis = false;
    });
    // There is no account in this ledger: that is a fault, too.
    await until('the missing account is told', () => receiver.messages.length > 0);
    if (when === 'between two looks') await redis.close();
    else endsRedis = true;
    await until('the outage is told', () => receiver.messages.length > 1);
    expect(receiver.told()).toEqual(['firing account', 'firing redis']);
    await until('both last', () => one.state().firing === 2);
    const again = await place.start(redis.port, []);
    closing.push(() => again.close());
    await until('its end is told', () => receiver.messages.length > 2);
    expect(receiver.told().slice(2)).toEqual(['resolved redis']);
  },
);
