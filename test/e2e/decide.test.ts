/** `worksteal decide` as a process. */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { useRedis } from '../support/fixtures.ts';
import { PROGRAM } from '../support/program.ts';

const SCENARIOS = join(packageRoot(), 'test/scenarios/decisions.json');
const REGRESSIONS = join(packageRoot(), 'test/scenarios/regressions.json');

type Line = {
  id: string;
  admitted?: boolean;
  victims?: string[];
  reason?: string;
  wouldVictims?: string[];
  numbers?: object;
  error?: string;
};
type Expected = { id: string; expect: { admitted: boolean; victims: string[]; reason: string } };

const PUBLIC = JSON.parse(readFileSync(SCENARIOS, 'utf8')) as Expected[];

const redis = useRedis();
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-decide-'));
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
});

type Run = { code: number | null; out: string; err: string };

/** Runs the command to its end. An `env` value of undefined takes the variable away. */
function run(
  args: string[],
  { input = '', env = {} }: { input?: string; env?: Record<string, string | undefined> } = {},
): Promise<Run> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [PROGRAM, 'decide', ...args], {
      env: { ...CHILD_ENV, NO_COLOR: '1', REDIS_URL: redis.url, ...env },
    });
    const caught = { out: '', err: '' };
    child.stdout.on('data', (text) => (caught.out += text));
    child.stderr.on('data', (text) => (caught.err += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...caught }));
    child.stdin.on('error', () => {}).end(input);
  });
}

function lines({ out }: Run): Line[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const { schema, ...told } = JSON.parse(line) as Line & { schema: number };
      expect(schema).toBe(1);
      return told as Line;
    });
}

/** A file of these scenarios; `text` as it is. */
function fileOf(content: unknown, name = 'scenarios.json'): string {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

/** One order far from its limit holds the whole cap; the attempt is close and better. */
function robbery(more: object = {}): Record<string, unknown> {
  return {
    id: 'robbery',
    policy: 'pnl',
    config: {},
    now: '2025-01-15T15:00:00Z',
    account: { equity: 500, leverage: 2 },
    orders: [
      {
        id: 'o1',
        symbol: 'AAPL',
        side: 'buy',
        limit: 100,
        qty: 10,
        price: 110,
        pnl: 1,
        placedAt: '2025-01-15T14:00:00Z',
      },
    ],
    history: [],
    attempt: { symbol: 'MSFT', side: 'buy', limit: 100, qty: 10, price: 100.1, pnl: 5 },
    ...more,
  };
}

describe('the public scenarios', () => {
  let found: Line[] = [];

  beforeAll(async () => {
    const answer = await run([SCENARIOS, '--json']);
    expect(answer).toMatchObject({ code: 0, err: '' });
    found = lines(answer);
  });

  it('come back in their order, a line each', () => {
    expect(found.map(({ id }) => id)).toEqual(PUBLIC.map(({ id }) => id));
  });

  it.each(PUBLIC.map((one, at) => [one.id, one, at] as const))('%s', (id, one, at) => {
    expect(found[at]).toEqual({ id, ...one.expect });
  });

  it('give people a table with a summary, on a Redis of its own', async () => {
    const { code, out } = await run([SCENARIOS], { env: { REDIS_URL: undefined } });
    expect(out).toMatch(/^ID +ADMITTED +REASON +VICTIMS/);
    expect(out).toMatch(/pnl-cap-05-probes-take-room +yes +stolen +o1 +ok\n/);
    expect(out).toMatch(/\n\n56 scenarios, 0 differences\n$/);
    expect(code).toBe(0);
  });

  it('and those in which the ledger once was wrong hold', async () => {
    const { code, out } = await run([REGRESSIONS]);
    expect(out).toMatch(/, 0 differences\n$/);
    expect(code).toBe(0);
  });
});

describe('a difference', () => {
  it('is reported with file, scenario and field, and the exit code is 1', async () => {
    const file = fileOf([
      robbery({ expect: { admitted: true, victims: ['o2'], reason: 'fits' } }),
      robbery({ expect: { reason: 'stolen' } }),
    ]);
    const { code, out, err } = await run([file]);
    expect(err).toBe(
      `${file}: scenario 1 (robbery): victims is [o1], expected [o2]; reason is stolen, expected fits\n`,
    );
    expect(out).toMatch(/o1 +DIFFERS\n.*o1 +ok\n\n2 scenarios, 1 difference\n$/);
    expect(code).toBe(1);
  });

  it('is absent without an expectation', async () => {
    const { code, out } = await run([fileOf([robbery()])]);
    expect(out).toMatch(/\n1 scenario, 0 differences\n$/);
    expect(code).toBe(0);
  });
});

describe('a file', () => {
  it('may be one object', async () => {
    expect(lines(await run([fileOf(robbery()), '--json']))).toEqual([
      { id: 'robbery', admitted: true, victims: ['o1'], reason: 'stolen' },
    ]);
  });

  it('of an account in debt is decided as one without equity, and says so', async () => {
    const answer = await run([
      fileOf(robbery({ orders: [], account: { equity: -5, leverage: 2 } })),
      '--json',
    ]);
    expect(lines(answer)).toMatchObject([{ admitted: false, reason: 'no_candidates' }]);
    expect(answer.err).toContain('account.equity is below 0 and counts as 0');
  });

  it('may hold an object on each line', async () => {
    const text = `${JSON.stringify(robbery({ id: 'a' }))}\n\n${JSON.stringify(robbery({ id: 'b' }))}\n`;
    expect(lines(await run([fileOf(text, 'scenarios.jsonl'), '--json'])).map(({ id }) => id)).toEqual([
      'a',
      'b',
    ]);
  });

  it('may be standard input', async () => {
    expect(
      lines(await run(['-', '--json'], { input: JSON.stringify(robbery()) })).map(({ reason }) => reason),
    ).toEqual(['stolen']);
  });

  it('that is not JSON is reported with its line', async () => {
    const file = fileOf('{"id": "a"}\n{"id": \n');
    const { code, out, err } = await run([file, '--json']);
    expect(JSON.parse(out)).toMatchObject({
      schema: 1,
      error: { code: 'invalid', message: expect.any(String) },
    });
    expect(out).toContain('line 2 is not JSON');
    expect(err).toBe('');
    expect(code).toBe(2);
  });

  it('that is not there is named', async () => {
    const { code, err } = await run([join(folder, 'nowhere.json')]);
    expect(err).toContain('nowhere.json: cannot be read');
    expect(code).toBe(2);
  });

  it('with an invalid scenario is reported with index and field; the others are decided', async () => {
    const orders = [
      { id: 'o1', symbol: 'AAPL', side: 'up', limit: 1, qty: 1, placedAt: '2025-01-15T14:00:00Z' },
    ];
    const file = fileOf([
      robbery({ id: 'a', orders }),
      robbery({ id: 'b' }),
      7,
      robbery({ id: 'd', config: { WORK_STEALING_LEVERAGE: 'x' }, account: { equity: 1 } }),
    ]);
    const answer = await run([file, '--json']);
    expect(answer.err).toContain(`${file}: scenario 1 (a): orders.0.side: `);
    expect(answer.err).toContain(`${file}: scenario 3 (#3): `);
    expect(answer.err).toContain(
      `${file}: scenario 4 (d): 1 fault in the settings:\n  WORK_STEALING_LEVERAGE="x"`,
    );
    expect(lines(answer).map(({ reason, error }) => reason ?? typeof error)).toEqual([
      'object',
      'stolen',
      'object',
      'object',
    ]);
    expect(answer.code).toBe(1);
  });

  it('reports an order that the ledger cannot take', async () => {
    const [order] = robbery()['orders'] as object[];
    const file = fileOf([
      robbery({ orders: [order, order] }),
      robbery({ orders: [{ ...order, limit: '$100' }] }),
    ]);
    const { err } = await run([file]);
    expect(err).toContain('scenario 1 (robbery): orders.1: the id o1 is used twice');
    expect(err).toMatch(/scenario 2 \(robbery\): orders\.0: .*limit "\$100" should be a decimal/);
  });

  it('is warned of fields and settings that do not exist', async () => {
    const file = fileOf(
      robbery({
        config: { WORK_STEALING_TOLERANC: '1' },
        attempt: { ...(robbery()['attempt'] as object), prise: 1 },
      }),
    );
    const { code, err } = await run([file]);
    expect(err).toContain('attempt.prise is not known and has no effect');
    expect(err).toContain('config.WORK_STEALING_TOLERANC is not a setting and has no effect');
    expect(code).toBe(0);
  });
});

describe('a symbol with several prices', () => {
  const at = (id: string, symbol: string, price: number) => ({
    id,
    symbol,
    side: 'buy',
    limit: 100,
    qty: 5,
    price,
    pnl: 1,
  });

  it('has the last of them, and a warning says so; for its own symbol the attempt knows best', async () => {
    const orders = [at('o1', 'AAPL', 100), at('o2', 'aapl', 110), at('o3', 'MSFT', 120)];
    const { err, out } = await run([fileOf(robbery({ orders, account: { equity: 750 } })), '--json']);
    expect(err).toMatch(
      /\(robbery\): orders: AAPL has the prices 100 at now, 110 at now; the ledger uses one: 110\n$/,
    );
    expect(JSON.parse(out)).toMatchObject({ reason: 'stolen', victims: ['o1', 'o2'] });
  });
});

describe('a number', () => {
  const price = (text: string): string =>
    JSON.stringify(robbery({ id: text })).replace('"price":100.1', `"price":${text}`);

  it('is read to its ninth decimal, whatever a double would make of it', async () => {
    const cases = [
      '100.3',
      '100.300000000',
      '100.300000001',
      '1003e-1',
      '1.00300000001e2',
      '100.3000000001',
      '-100.1',
      '1e400',
    ];
    const found = lines(await run([fileOf(cases.map(price).join('\n')), '--json']));
    expect(found.map(({ id, reason }) => [id, reason])).toEqual([
      ['100.3', 'stolen'],
      ['100.300000000', 'stolen'],
      ['100.300000001', 'not_close_enough'],
      ['1003e-1', 'stolen'],
      ['1.00300000001e2', 'not_close_enough'],
      ['100.3000000001', 'stolen'], // a float's noise
      ['-100.1', 'no_price'],
      ['1e400', 'invalid'],
    ]);
  });
});

describe('settings', () => {
  it('of the scenario alone count: the environment takes no part unless it is asked for', async () => {
    const file = fileOf(robbery({ account: { equity: 500 } }));
    const env = { WORK_STEALING_LEVERAGE: '4' };
    expect(lines(await run([file, '--json'], { env }))[0]).toMatchObject({ reason: 'stolen' });
    expect(lines(await run([file, '--json', '--env'], { env }))[0]).toMatchObject({ reason: 'fits' });
  });

  it('may ask for a dry run, which says whom it would rob', async () => {
    const expected = { admitted: false, victims: [], reason: 'dry_run', wouldVictims: ['o1'] };
    const { code, out } = await run([
      fileOf(robbery({ config: { WORK_STEALING_DRY_RUN: '1' }, expect: expected })),
      '--json',
    ]);
    expect(JSON.parse(out)).toEqual({ schema: 1, id: 'robbery', ...expected });
    expect(code).toBe(0);
  });
});

describe('--verbose', () => {
  const refused = {
    id: 'refused',
    attempt: { symbol: 'MSFT', side: 'buy', limit: 100, qty: 10, price: 100.1, pnl: 1.05 },
  };

  it('shows people the numbers behind a refusal', async () => {
    const { out } = await run([fileOf(robbery(refused)), '--verbose']);
    expect(out).toContain(
      'it is not enough better than the orders it would steal from: needs $1000, room $0; looked 1',
    );
  });

  it('adds them to the JSON line', async () => {
    const [line] = lines(await run([fileOf(robbery(refused)), '--verbose', '--json']));
    expect(line?.numbers).toMatchObject({ needMicros: 1_000_000_000, roomMicros: 0, looked: 1 });
  });
});

describe('a Redis that is in use', () => {
  it('is left as it was', async () => {
    const client = new Redis(redis.url);
    try {
      await client.set('ws:{scratch-of-somebody}:account', 'theirs');
      const before = (await client.keys('ws:{scratch*')).sort();
      expect((await run([SCENARIOS, '--json'])).code).toBe(0);
      expect((await client.keys('ws:{scratch*')).sort()).toEqual(before);
    } finally {
      await client.del('ws:{scratch-of-somebody}:account');
      client.disconnect();
    }
  });
});
