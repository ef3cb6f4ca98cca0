/**
 * Every command that asks the ledger, with every cause for which it can't: the message says what is wrong,
 * where, and what to do, in words, without a stack. The commands run in this process; the roles in their own.
 */
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createServerOfSockets } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { acceptCommand } from '../../src/cli/accept.ts';
import { auditCommand } from '../../src/cli/audit.ts';
import { cancelCommand } from '../../src/cli/cancel.ts';
import { checkCommand } from '../../src/cli/check.ts';
import { closeCommand } from '../../src/cli/close.ts';
import { exitCodeOf } from '../../src/cli/exit-code.ts';
import { reportFailure } from '../../src/cli/failure.ts';
import { fightsCommand } from '../../src/cli/fights.ts';
import { haltCommand } from '../../src/cli/halt.ts';
import { ordersCommand } from '../../src/cli/orders.ts';
import { plansCommand } from '../../src/cli/plans.ts';
import { recordCommand } from '../../src/cli/record.ts';
import { reopenCommand } from '../../src/cli/reopen.ts';
import { reportCommand } from '../../src/cli/report.ts';
import { resumeCommand } from '../../src/cli/resume.ts';
import { statusCommand } from '../../src/cli/status.ts';
import { stealsCommand } from '../../src/cli/steals.ts';
import { tailCommand } from '../../src/cli/tail.ts';
import { topCommand } from '../../src/cli/top.ts';
import { whyCommand } from '../../src/cli/why.ts';
import { withdrawCommand } from '../../src/cli/withdraw.ts';
import { errorSchema } from '../../src/json/error.ts';
import { configure } from '../../src/ledger/commands/configure.ts';
import { openLedger } from '../../src/ledger/ledger.ts';
import { type EmbeddedRedis, startEmbedded } from '../../src/redis/embedded.ts';
import { serverBinary } from '../../src/redis/open.ts';
import { type Env, readSettings } from '../../src/rules/settings.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { PROGRAM } from '../support/program.ts';

const COMMANDS: Readonly<Record<string, { command: (env: Env) => Command; args: string[]; writes?: true }>> =
  {
    status: { command: statusCommand, args: [] },
    top: { command: topCommand, args: [] },
    plans: { command: plansCommand, args: [] },
    orders: { command: ordersCommand, args: [] },
    steals: { command: stealsCommand, args: [] },
    fights: { command: fightsCommand, args: [] },
    why: { command: whyCommand, args: ['p1'] },
    report: { command: reportCommand, args: [] },
    tail: { command: tailCommand, args: [] },
    audit: { command: auditCommand, args: [] },
    halt: { command: haltCommand, args: ['news'], writes: true },
    record: { command: recordCommand, args: [join(tmpdir(), 'worksteal-causes.jsonl')], writes: true },
    resume: { command: resumeCommand, args: ['over'], writes: true },
    cancel: { command: cancelCommand, args: ['--all-entries', '--yes'] },
    withdraw: { command: withdrawCommand, args: ['--all', '--yes'] },
    close: { command: closeCommand, args: ['--all', '--yes'] },
    reopen: { command: reopenCommand, args: ['broker'], writes: true },
    accept: { command: acceptCommand, args: ['equity'], writes: true },
  };

/** Texts of libraries and of Redis that nobody should have to read. */
const RAW = [
  /Invalid input/,
  /received (undefined|NaN|string|number)/,
  /enableOfflineQueue/,
  /ReplyError/,
  /connect ECONNREFUSED/,
  /\b(NOPERM|WRONGPASS|NOAUTH|READONLY|MISCONF|OOM|EPROTO)\b/,
  /Connection is closed/,
  /max retries/i,
  /Socket timeout/,
  /getaddrinfo/,
  /SSL routines/,
  /^\s+at /m,
];

type Told = { code: number; out: string; err: string };

async function tell(name: string, env: Env, more: string[] = []): Promise<Told> {
  const { command: make, args } = COMMANDS[name] as (typeof COMMANDS)[string];
  const told = { code: 0, out: '', err: '' };
  const out = (text: string): void => {
    told.out += text;
  };
  const err = (text: string): void => {
    told.err += text;
  };
  const command = make(env)
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: err, outputError: () => {} });
  try {
    await command.parseAsync([...args, ...more], { from: 'user' });
  } catch (error) {
    told.code = reportFailure(error, name, { json: more.includes('--json'), hide: String, out, err });
    expect(told.code).toBe(exitCodeOf(error));
  }
  return told;
}

/** Takes connections and answers nothing. */
const silent = createServerOfSockets(() => {});
beforeAll(() => new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve)));
afterAll(() => void silent.close());
const ofSilence = (): string => `redis://127.0.0.1:${(silent.address() as AddressInfo).port}`;

const NOWHERE = 'redis://127.0.0.1:1';
let binary = '';
let guarded: EmbeddedRedis;
let replica: EmbeddedRedis;
let full: EmbeddedRedis;

async function anAccount(url: string): Promise<void> {
  const ledger = await openLedger(url, 'main');
  await configure(ledger, readSettings({}).settings, 10_000);
  await ledger.close();
}

const as = (user: string): string => `redis://${user}@127.0.0.1:${guarded.port}`;

beforeAll(async () => {
  binary = (await serverBinary(process.env, { info: () => {}, warn: () => {} })).path;
  const args = ['--requirepass', 'pw'];
  const one = () => startEmbedded({ binary, persistence: 'none' });
  [guarded, replica, full] = await Promise.all([
    startEmbedded({ binary, persistence: 'none', args }),
    one(),
    one(),
  ]);
  await Promise.all([anAccount(as(':pw')), anAccount(replica.url), anAccount(full.url)]);
  const guard = await openLedger(as(':pw'), 'main');
  await guard.redis.call('ACL', 'SETUSER', 'nobody', 'on', '>pw', '~*', '+@connection', '+info');
  await guard.close();
  const cut = await openLedger(replica.url, 'main');
  await cut.redis.replicaof('127.0.0.1', '1');
  await cut.redis.config('SET', 'replica-serve-stale-data', 'yes');
  await cut.close();
  const small = await openLedger(full.url, 'main');
  await small.redis.config('SET', 'maxmemory', '1mb');
  await small.close();
});
afterAll(() => Promise.all([guarded, replica, full].map((redis) => redis?.close())));

/** What is wrong; the environment; the exit code; what the message names; what to do; only what writes. */
const CAUSES: readonly [string, () => Env, number, RegExp, RegExp, 'writes'?][] = [
  ['no address', () => ({}), 2, /missing Redis address/, /REDIS_URL/],
  [
    'an address that is none',
    () => ({ REDIS_URL: 'localhost' }),
    2,
    /address of Redis \(--redis or REDIS_URL\): must look like/,
    /correct/,
  ],
  [
    'an account with an odd name',
    () => ({ REDIS_URL: guarded.url, WORKSTEAL_ACCOUNT: 'a b' }),
    2,
    /a b/,
    /correct/,
  ],
  [
    'nothing listens',
    () => ({ REDIS_URL: NOWHERE }),
    4,
    /127\.0\.0\.1:1 .*nothing listens there/,
    /start Redis/,
  ],
  [
    'a wrong password',
    () => ({ REDIS_URL: as(':no') }),
    4,
    /127\.0\.0\.1:\d+ .*password in its URL is wrong/,
    /REDIS_URL/,
  ],
  [
    'no password',
    () => ({ REDIS_URL: guarded.url }),
    4,
    /user or password in its URL is missing/,
    /redis:\/\/\[user\]:password@host/,
  ],
  [
    'a user without permission',
    () => ({ REDIS_URL: as('nobody:pw') }),
    4,
    /user nobody is not permitted to run [A-Z_]+/,
    /ws-look/,
  ],
  [
    'a server that does not answer',
    () => ({ REDIS_URL: ofSilence() }),
    4,
    /127\.0\.0\.1:\d+ .*did not answer in time/,
    /load of the server/,
  ],
  [
    'TLS to a plain port',
    () => ({ REDIS_URL: full.url.replace('redis:', 'rediss:') }),
    4,
    /does this port use TLS/,
    /redis:\/\//,
  ],
  [
    'an account that is not there',
    () => ({ REDIS_URL: as(':pw'), WORKSTEAL_ACCOUNT: 'nobody' }),
    3,
    /no account "?nobody"?.*; there are main/,
    /--account/,
  ],
  ['a replica', () => ({ REDIS_URL: replica.url }), 4, /127\.0\.0\.1:\d+: .*replica/, /master/, 'writes'],
  [
    'a full memory',
    () => ({ REDIS_URL: full.url }),
    4,
    /127\.0\.0\.1:\d+: .*memory is full/,
    /maxmemory/,
    'writes',
  ],
];

describe.each(CAUSES)('%s', (_cause, env, code, names, next, which) => {
  const names_ = Object.keys(COMMANDS).filter((name) => which === undefined || COMMANDS[name]?.writes);

  // Side by side: some causes are known only after a connection's time limit.
  it.concurrent.each(names_)('%s says what, where and what to do', async (name) => {
    const { code: exit, err } = await tell(name, env());
    expect(err).toMatch(names);
    expect(err.split('\n').slice(1).join('\n') + err).toMatch(next);
    for (const raw of RAW) expect(err).not.toMatch(raw);
    expect(exit).toBe(code);
  });

  it('says the same as JSON', async () => {
    const { out } = await tell(which === undefined ? 'status' : 'accept', env(), ['--json']);
    const { error } = errorSchema().parse(JSON.parse(out));
    expect(error.message).toMatch(names);
    expect(error.message + error.next).toMatch(next);
  });
});

it('check says that Redis does not answer, and that it cannot say more', async () => {
  onTestFinished(() => {
    process.exitCode = undefined;
  });
  let text = '';
  const writeOut = (part: string): void => {
    text += part;
  };
  const command = checkCommand({ REDIS_URL: NOWHERE }).configureOutput({ writeOut });
  await command.parseAsync([], { from: 'user' });
  expect(text).toMatch(/127\.0\.0\.1:1 .*nothing listens there/);
  for (const raw of RAW) expect(text).not.toMatch(raw);
});

describe('roles and others, as processes', () => {
  async function run(args: string[], env: Env): Promise<{ code: number | null; text: string }> {
    const keys = { APCA_API_KEY_ID: 'k', APCA_API_SECRET_KEY: 's', APCA_API_BASE_URL: 'http://127.0.0.1:1' };
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: { ...CHILD_ENV, ...keys, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (part) => {
        text += String(part);
      });
    return await new Promise((resolve) => child.once('close', (code) => resolve({ code, text })));
  }

  let port = 0;
  /** Takes no keys, as a broker; and has a port that others want. */
  const server = createServer((_, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end('{"message":"request is not authorized"}');
  });
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => server.close());

  type Case = readonly [string, string[], () => Env, number, RegExp];
  const CASES: readonly Case[] = [
    ['keep without an address', ['keep'], () => ({}), 2, /REDIS_URL: is missing; set it, such as redis:/],
    [
      'watch without Redis',
      ['watch'],
      () => ({ REDIS_URL: NOWHERE }),
      4,
      /nothing listens there[\s\S]*start Redis/,
    ],
    [
      'status without a password', // the program hides what looks like one
      ['status'],
      () => ({ REDIS_URL: guarded.url }),
      4,
      /write them into REDIS_URL .*redis:\/\/\[user\]:password@host/,
    ],
    [
      'doctor without a password',
      ['doctor'],
      () => ({ REDIS_URL: guarded.url }),
      1,
      /^redis +not well .*password in its URL is missing.*\n +-> write them into REDIS_URL /m,
    ],
    [
      'work with a wrong password',
      ['work'],
      () => ({ REDIS_URL: as(':no') }),
      4,
      /password in its URL is wrong/,
    ],
    [
      'plan as a user without permission',
      ['plan', '/dev/null', '--strategy', 's', '--allow-empty'],
      () => ({ REDIS_URL: as('nobody:pw') }),
      4,
      /is not permitted to run [A-Z_]+[\s\S]*ws-plan/,
    ],
    [
      'keep on a port that is taken',
      ['keep'],
      () => ({ REDIS_URL: full.url, WORKSTEAL_METRICS_PORT: String(port) }),
      2,
      /taken by another process[\s\S]*its own port/,
    ],
    [
      'exchange on a port that is taken',
      ['exchange', '--port', String(port)],
      () => ({}),
      4,
      /another process has this port[\s\S]*--port/,
    ],
    [
      'up with a speed that is no number',
      ['up', '--speed', 'fast'],
      () => ({}),
      2,
      /--speed: is not a number/,
    ],
    [
      'exchange with a speed that is no number',
      ['exchange', '--speed', 'fast'],
      () => ({}),
      2,
      /--speed: is not a number/,
    ],
    [
      'plan with a seed below 0',
      ['plan', '--demo', '--seed', '-1'],
      () => ({}),
      2,
      /--seed: "-1" must be at least 0/,
    ],
    [
      'doctor where no broker listens',
      ['doctor'],
      () => ({ REDIS_URL: as(':pw'), APCA_API_DATA_URL: 'http://127.0.0.1:1' }),
      1,
      /^keys .*nothing listens at[\s\S]*APCA_API_BASE_URL[\s\S]*^market data .*nothing listens/m,
    ],
    [
      'doctor where the broker speaks no TLS',
      ['doctor'],
      () => ({ REDIS_URL: as(':pw'), APCA_API_BASE_URL: `https://127.0.0.1:${port}` }),
      1,
      /^keys .*127\.0\.0\.1:\d+ does not speak TLS/m,
    ],
    ...['keep', 'work', 'watch'].map(
      (role): Case => [
        `${role} with keys that the broker refuses`,
        [role],
        () => ({ REDIS_URL: as(':pw'), APCA_API_BASE_URL: `http://127.0.0.1:${port}` }),
        1,
        /does not accept the keys[\s\S]*API key and secret/,
      ],
    ),
    [
      'status with a misspelt account',
      ['status'],
      () => ({ REDIS_URL: full.url, WORKSTEAL_ACOUNT: 'other' }),
      0,
      /warning: WORKSTEAL_ACOUNT is not a setting .* did you mean WORKSTEAL_ACCOUNT\?/,
    ],
    ['decide without Redis', ['decide', '-'], () => ({ REDIS_URL: NOWHERE }), 2, /standard input/],
  ];

  it.concurrent.each(CASES)('%s', { timeout: 180_000 }, async (what, args, env, code, says) => {
    const given = what.startsWith('exchange on') ? ['exchange', '--port', String(port)] : args;
    const { code: exit, text } = await run(given, env());
    expect(text).toMatch(says);
    for (const raw of RAW) expect(text).not.toMatch(raw);
    expect(exit).toBe(code);
  });
});
