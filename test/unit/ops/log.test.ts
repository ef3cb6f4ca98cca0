/** What a process writes: JSON for machines, lines for people, and no secret in either. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { logSteal } from '../../../src/coordinator/steal-log.ts';
import { secretHider } from '../../../src/domain/secrets.ts';
import { openLog } from '../../../src/ops/log.ts';
import { secretsOf } from '../../../src/ops/secrets.ts';
import { CHILD_ENV } from '../../support/child-env.ts';
import { anOrder } from '../../support/ledger.ts';

const PASSWORD = 'pass/word "1"';
const ENV = {
  REDIS_URL: `redis://fleet:${encodeURIComponent(PASSWORD)}@redis.example:6379`,
  APCA_API_KEY_ID: 'PKABCDEFGHIJ',
  APCA_API_SECRET_KEY: 'abcdefghijklmnop',
};

/** A log and what was written of it. */
function opened(pretty = false, traceId = () => '') {
  const written: string[] = [];
  const write = (line: string): void => void written.push(line);
  const log = openLog({
    level: 'debug',
    role: 'watch',
    host: 'h1',
    account: 'main',
    secrets: secretsOf(ENV),
    pretty,
    traceId,
    write,
  });
  return {
    log,
    text: () => written.join(''),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

describe('the log', () => {
  it('has role, host and account on each line, and what a child loggers adds', () => {
    const { log, lines } = opened();
    log.child({ order: 'o1' }).info({ room: 5 }, 'a sentence');
    expect(lines()).toMatchObject([
      { level: 30, role: 'watch', host: 'h1', account: 'main', order: 'o1', room: 5, msg: 'a sentence' },
    ]);
  });

  it('names the trace that a line belongs to, where there is one', () => {
    let trace = '';
    const { log, lines } = opened(false, () => trace);
    log.info('outside');
    trace = 'ab'.repeat(16);
    log.info('inside');
    expect(lines().map(({ traceId }) => traceId)).toEqual([undefined, trace]);
  });

  it('says the same to people on a terminal, a line each', () => {
    const { log, text } = opened(true);
    log.child({ order: 'o1' }).warn({ room: 5 }, 'a sentence');
    expect(text()).toMatch(/WARN.*a sentence.*"account":"main","order":"o1","room":5.*\n$/);
  });

  it('tells a steal with its facts as fields', () => {
    const { log, lines } = opened();
    const victims = [{ id: 'v', symbol: 'ETHUSD', pnl: '1', heldMicros: 5 }];
    logSteal(log, anOrder('t').of('UNIUSD').pnl('2.5').plan('p').wish, {
      outcome: 'stolen',
      victims,
      wouldFight: ['AAPL'],
      numbers: {},
    });
    expect(lines()).toMatchObject([
      {
        level: 40,
        order: 't',
        plan: 'p',
        other: 'AAPL',
        msg: 'UNIUSD: Would cause fighting with AAPL, aborting steal',
      },
      {
        ...{
          level: 30,
          order: 't',
          plan: 'p',
          steal: 't',
          symbol: 'UNIUSD',
          pnl: '2.5',
          outcome: 'stolen',
          victim: 'v',
          victimSymbol: 'ETHUSD',
        },
        ...{
          victimPnl: '1',
          heldMicros: 5,
          msg: 'Work steal: UNIUSD (PnL=2.50) stealing from ETHUSD (PnL=1.00)',
        },
      },
    ]);
  });

  it.each([
    ['the URL of Redis', ENV.REDIS_URL],
    ['its password as it is', PASSWORD],
    ['as a URL writes it', encodeURIComponent(PASSWORD)],
    ['a key of the broker', ENV.APCA_API_KEY_ID],
    ['its secret', ENV.APCA_API_SECRET_KEY],
  ])('hides %s wherever it stands: in a sentence, in a field, in an error, on a terminal', (_, secret) => {
    for (const pretty of [false, true]) {
      const { log, text } = opened(pretty);
      log.info(
        {
          told: `is ${secret}.`,
          deep: { er: [secret] },
          err: new Error(`cannot use ${secret}`, { cause: new Error(secret) }),
        },
        secret,
      );
      for (const form of [
        PASSWORD,
        JSON.stringify(PASSWORD).slice(1, -1),
        encodeURIComponent(PASSWORD),
        'PKABCDEFGHIJ',
        'abcdefghijklmnop',
      ]) {
        expect(text()).not.toContain(form);
      }
      expect(text()).toContain('[hidden]');
    }
  });

  it('hides secret fields, and the arguments of a failed Redis command, short ones too', () => {
    const { log, text } = opened();
    const err = Object.assign(new Error('WRONGPASS'), { command: { name: 'auth', args: ['pw'] } });
    log.warn({ err, secretKey: 'sk', broker: { keyId: 'kk', password: 'ww' } }, 'refused');
    expect(text()).not.toMatch(/"(pw|sk|kk|ww)"/);
  });

  it('shows a person no control characters of others, but its own colours and whole paths', () => {
    const { log, text } = opened(true);
    const odd = 'a\u001b[2Jb\u0007c\rd\u009be\bf C:\\\\rest\\u001b';
    log.info({ order: odd, err: new Error(odd) }, `order ${odd}`);
    expect(text()).toContain('order a?[2Jb?c?d?e?f C:\\\\rest\\u001b');
    for (const control of ['\u001b[2J', '\u0007', '\r', '\u009b', '\b'])
      expect(text()).not.toContain(control);
  });

  it('stays JSON when a secret was cut out', () => {
    const { log, lines } = opened();
    log.info({ url: ENV.REDIS_URL }, 'connected');
    expect(lines()).toMatchObject([{ url: 'redis://fleet:[hidden]@redis.example:6379' }]);
  });
});

describe('secrets', () => {
  it('of a demo are words that occur everywhere, and are left', () => {
    const hide = secretHider(
      secretsOf({
        APCA_API_KEY_ID: 'demo',
        APCA_API_SECRET_KEY: 'demo',
        REDIS_URL: 'redis://127.0.0.1:6379',
      }),
    );
    expect(hide('redis://127.0.0.1:6379 holds {demo}')).toBe('redis://127.0.0.1:6379 holds {demo}');
  });

  it("are the headers for a receiver of traces, each one's value", () => {
    const hide = secretHider(
      secretsOf({ OTEL_EXPORTER_OTLP_HEADERS: 'api-key=abcdefgh1=,team=the-blue-team' }),
    );
    expect(hide('abcdefgh1= of the-blue-team')).toBe('[hidden] of [hidden]');
  });

  it('are hidden in a URL even when they are short, or no URL of ours', () => {
    expect(secretHider([])('rediss://:x@host:1 and https://me:y@host/a?b=c:d@e')).toBe(
      'rediss://:[hidden]@host:1 and https://me:[hidden]@host/a?b=c:d@e',
    );
  });

  it('do not hide how a URL is to be written', () => {
    const usage = 'redis://[user:password@]host:port[/db]';
    expect(secretHider([])(usage)).toBe(usage);
  });

  it('leave a log without any as it is', () => {
    const lines: string[] = [];
    const write = (line: string): void => void lines.push(line);
    const log = openLog({
      level: 'info',
      role: 'keep',
      host: 'h',
      account: 'a',
      secrets: [],
      pretty: false,
      write,
    });
    log.info({ symbol: 'AAPL' }, 'ok');
    const plain: string[] = [];
    pino({ base: { role: 'keep', host: 'h' } }, { write: (line: string) => void plain.push(line) })
      .child({ account: 'a' })
      .info({ symbol: 'AAPL' }, 'ok');
    const told = (text: string | undefined) => ({ ...(JSON.parse(text ?? '{}') as object), time: 0 });
    expect(told(lines[0])).toEqual(told(plain[0]));
  });
});

describe('A log that nobody reads any more', () => {
  it.each(['before a line', 'before its end'])('ends no process and keeps none, broken %s', async (when) => {
    const file = new URL('../../../src/ops/log.ts', import.meta.url).href;
    const program = `
      import { openLog } from ${JSON.stringify(file)};
      const log = openLog({ level: 'info', role: 'r', host: 'h', account: 'a', secrets: [], pretty: false });
      log.info('first');
      process.once('message', (when) => {
        log.info('second');
        if (when === 'before its end') process.exit(0);
        setImmediate(() => process.disconnect());
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: CHILD_ENV,
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = once(child, 'exit');
    await once(child.stderr as Readable, 'data');
    child.stderr?.destroy();
    child.send(when);
    expect(await ended).toEqual([0, null]);
  });
});
