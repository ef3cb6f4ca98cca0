/** `worksteal plan FORECASTS` on a real Redis: replacing plans, the dry run, and filing thousands at once. */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forecastConsole } from '../../src/cli/plan/forecast-console.ts';
import { readPlanOptions } from '../../src/cli/plan.ts';
import { FillTable } from '../../src/evidence/fill-table.ts';
import { PLAN } from '../../src/json/plan.ts';
import {
  claimPlans,
  type LeasedPlan,
  notePlan,
  planOf,
  withdrawPlan,
} from '../../src/ledger/commands/plans.ts';
import { key } from '../../src/ledger/keys.ts';
import type { Filing } from '../../src/planner/forecasts/filing.ts';
import { type ForecastJob, runForecasts } from '../../src/planner/forecasts/run.ts';
import { MarketCalendar } from '../../src/rules/session.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { useLedgers } from '../support/fixtures.ts';
import { failure, type TestAccount } from '../support/ledger.ts';
import { PROGRAM } from '../support/program.ts';

const HOUR_MS = 3_600_000;

const ledgers = useLedgers();
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-forecasts-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
});

const usual = { fractional: false, allowEmpty: false, watch: false, dryRun: false };

/** Files a text under the strategy `f`. */
async function file(account: TestAccount, text: string, job: Partial<ForecastJob> = {}): Promise<Filing> {
  const filings: Filing[] = [];
  const parts = {
    ...{
      ledger: account.ledger,
      rules: readSettings({}).settings,
      calendar: new MarketCalendar(),
      input: Readable.from([Buffer.from(text)]),
    },
    ...{ onFiling: (filing: Filing) => void filings.push(filing), onProgress: () => {}, tell: () => {} },
  };
  await runForecasts({ ...usual, source: '-', strategy: 'f', ...job }, parts, new AbortController().signal);
  expect(filings).toHaveLength(1);
  return filings[0] as Filing;
}

const csv = (...rows: string[]): string => `symbol,limit,qty,expiry\n${rows.join('\n')}\n`;

/** The unfinished plans: symbol, limit, and whether they are to be withdrawn. */
async function unfinished({ ledger, name }: TestAccount): Promise<LeasedPlan[]> {
  const ids = await ledger.redis.zrange(key(name, 'plans'), 0, '-1');
  const plans = await Promise.all(
    ids.map(async (id) => planOf(await ledger.redis.hgetall(key(name, `plan:${id}`)))),
  );
  return plans.sort((a, b) => (`${a.symbol} ${a.id}` < `${b.symbol} ${b.id}` ? -1 : 1));
}

const limits = async (account: TestAccount) =>
  (await unfinished(account)).map(({ symbol, limit }) => `${symbol} ${limit}`);
const kinds = ({ changes }: Filing) =>
  changes.map(
    (change) =>
      `${change.kind} ${change.kind === 'withdrawn' ? change.series.symbol : change.row.plan.symbol}`,
  );

describe('a table of fills', () => {
  const fills = {
    table: new FillTable(),
    deviations: new Map([
      ['AAPL', 0.01],
      ['MSFT', 0.01],
      ['IBM', 0.01],
    ]),
  };
  const text = [
    'symbol,side,limit,qty,expiry,fill_probability',
    'AAPL,buy,230,5,1h,',
    'MSFT,sell,500,5,1h,',
    'IBM,buy,100,5,1h,0.25',
    'NVDA,buy,100,5,1h,',
    'AMD,buy,100,5,1h,',
  ].join('\n');
  const chances = async (account: TestAccount) =>
    (await unfinished(account)).map(({ symbol, fillProbability }) => `${symbol} ${fillProbability}`);

  it('gives rows that name no probability theirs, by price, side and time left; they keep it', async () => {
    const account = await ledgers.account();
    await account.prices({ AAPL: '232.3', MSFT: '500', IBM: '100', AMD: '100' });
    const filing = await file(account, text, { fills });
    // 1 % of 1 % in the hour: one deviation, 2 (1 - Phi(1)) as nothing was learned.
    const [amd, aapl, ...rest] = await chances(account).then(([first = '', second = '', ...more]) => [
      second,
      first,
      ...more,
    ]);
    expect(Number(aapl?.split(' ')[1])).toBeCloseTo(0.3197, 3);
    expect([amd, ...rest]).toEqual(['AMD 1', 'IBM 0.25', 'MSFT 1', 'NVDA 1']);
    expect(filing.warnings).toEqual([
      'the table of fills does not know NVDA, AMD: such rows count as sure to trade',
    ]);
    const before = await chances(account);
    await account.prices({ AAPL: '240' });
    expect((await file(account, text, { fills })).kept).toBe(5);
    expect(await chances(account)).toEqual(before);
  });

  it('leaves rows alone whose symbol has no fresh price, and says so', async () => {
    const account = await ledgers.account();
    const filing = await file(account, text, { fills });
    expect(filing.warnings).toContain(
      'the ledger has no fresh price of AAPL, MSFT: such rows count as sure to trade',
    );
    expect(await chances(account)).toContain('AAPL 1');
  });
});

describe('a file of forecasts', () => {
  it('brings back no plan that a person stopped; a changed forecast is a new plan, told', async () => {
    const account = await ledgers.account();
    const row = csv('AAPL,230,5,');
    await file(account, row);
    const [plan] = await unfinished(account);
    await withdrawPlan(account.ledger, plan?.id ?? '', 'by_hand', 'alice@ops');
    expect(await file(account, row)).toMatchObject({ kept: 1, changes: [], warnings: [] });
    expect(await unfinished(account)).toEqual([]);
    const { warnings } = await file(account, csv('AAPL,231,5,'));
    expect(warnings).toEqual([expect.stringContaining(`alice@ops had stopped its plan ${plan?.id} by hand`)]);
    expect(await limits(account)).toEqual(['AAPL 231']);
  });

  it('replaces the last one: equal plans stay, changed ones are replaced, missing ones end', async () => {
    const account = await ledgers.account();
    expect(await file(account, csv('AAPL,230,5,', 'MSFT,400,1,', 'BTC/USD,95000,0.01,4h'))).toMatchObject({
      kept: 0,
      faults: [],
    });
    expect(await limits(account)).toEqual(['AAPL 230', 'BTCUSD 95000', 'MSFT 400']);
    const [aapl] = await unfinished(account);
    await account.advance(60_000);

    const filing = await file(account, csv('btcusd,95000,0.01,4h', 'AAPL,231,5,', 'NVDA,140,2,'));
    expect(filing).toMatchObject({ kept: 1, faults: [], stayed: 0 });
    expect(kinds(filing).sort()).toEqual(['changed AAPL', 'new NVDA', 'withdrawn MSFT']);
    const changed = filing.changes.find(({ kind }) => kind === 'changed');
    expect(changed).toMatchObject({ old: { id: aapl?.id }, fields: { limit: ['230', '231'] } });
    expect(await limits(account)).toEqual(['AAPL 231', 'BTCUSD 95000', 'NVDA 140']);
  });

  it('filed again changes no key', async () => {
    const account = await ledgers.account();
    const text = csv('AAPL,230,5,', 'BTC/USD,95000,0.01,', 'MSFT,400,1,90m');
    await file(account, text);
    await account.advance(60_000);
    const before = await account.keyspace();
    expect(await file(account, text)).toMatchObject({ kept: 3, changes: [] });
    expect(await account.keyspace()).toEqual(before);
  });

  it('leaves the plans of other strategies and planners alone', async () => {
    const account = await ledgers.account();
    await file(account, csv('AAPL,230,5,'), { strategy: 'f-2' });
    await file(account, csv('MSFT,400,5,'));
    await file(account, csv('NVDA,140,5,'));
    expect(await limits(account)).toEqual(['AAPL 230', 'NVDA 140']);
  });

  it('asks hosts to withdraw what they hold; what was filled keeps its exit', async () => {
    const account = await ledgers.account();
    await file(account, csv('AAPL,230,5,', 'MSFT,400,1,'));
    const held = await claimPlans(account.ledger, 'host', 60_000, 10);
    const msft = held.find(({ symbol }) => symbol === 'MSFT')?.id ?? '';
    await notePlan(account.ledger, 'host', { id: msft, stage: 'holding', attempt: 1, exitAttempt: 0 });
    const filing = await file(account, csv('AAPL,231,5,', 'MSFT,401,1,'));
    expect(filing.changes).toMatchObject([
      { kind: 'changed', stage: 'waiting' },
      { kind: 'changed', stage: 'holding' },
    ]);
    expect(
      (await unfinished(account)).map(({ symbol, limit, stage, withdrawAsked }) => [
        symbol,
        limit,
        stage,
        withdrawAsked,
      ]),
    ).toEqual(
      expect.arrayContaining([
        ['AAPL', '230', 'waiting', true],
        ['AAPL', '231', 'waiting', false],
        ['MSFT', '400', 'holding', true],
        ['MSFT', '401', 'waiting', false],
      ]),
    );
    expect(await file(account, csv('AAPL,231,5,', 'MSFT,401,1,'))).toMatchObject({ kept: 2, changes: [] });
  });

  it('a forecast that was carried out is not carried out again until it expires', async () => {
    const account = await ledgers.account();
    const text = csv('BTCUSD,95000,0.01,4h');
    await file(account, text);
    const [plan] = await claimPlans(account.ledger, 'host', 60_000, 1);
    await notePlan(account.ledger, 'host', {
      id: plan?.id ?? '',
      stage: 'done',
      attempt: 1,
      exitAttempt: 0,
      reason: 'closed',
    });
    await account.advance(4 * HOUR_MS - 1);
    expect(await file(account, text)).toMatchObject({ kept: 1, changes: [] });
    await account.advance(1);
    expect(await file(account, text)).toMatchObject({
      kept: 0,
      changes: [{ kind: 'new', id: expect.stringMatching(/-2$/) }],
    });
  });

  it('a row that is refused leaves its plan as it is, and the others go on', async () => {
    const account = await ledgers.account();
    await file(account, csv('AAPL,230,5,', 'MSFT,400,1,', 'NVDA,140,1,'));
    const filing = await file(account, csv('AAPL,none,5,', 'MSFT,401,1,'));
    expect(filing.faults).toEqual([{ line: 2, message: expect.stringContaining('limit "none"') }]);
    expect(kinds(filing)).toEqual(['changed MSFT', 'withdrawn NVDA']);
    expect(await limits(account)).toEqual(['AAPL 230', 'MSFT 401']);
  });

  it.each([
    ['a row does not tell what it is about', csv('A B,1,1,', 'MSFT,401,1,')],
    ['the last line is cut off', 'symbol,limit,qty\nMSFT,401,1\nAAP'],
    ['no row can be read', csv('MSFT,none,1,')],
  ])('withdraws nothing when %s', async (_, text) => {
    const account = await ledgers.account();
    await file(account, csv('AAPL,230,5,', 'MSFT,400,1,'));
    const filing = await file(account, text);
    expect(filing).toMatchObject({ stayed: 1, faults: [{}] });
    expect((await limits(account))[0]).toBe('AAPL 230');
  });

  it('refusals of the ledger are reported with their line', async () => {
    const account = await ledgers.account();
    const rules = readSettings({ WORK_STEALING_POOLS: 'crypto:1' }).settings; // the account has no such pool
    const filings: Filing[] = [];
    const input = Readable.from([Buffer.from(csv('AAPL,230,5,', 'BTCUSD,95000,0.01,'))]);
    const parts = {
      ledger: account.ledger,
      rules,
      calendar: new MarketCalendar(),
      input,
      onProgress: () => {},
      tell: () => {},
    };
    const job = { ...usual, source: '-', strategy: 'f' };
    await runForecasts(
      job,
      { ...parts, onFiling: (filing) => void filings.push(filing) },
      new AbortController().signal,
    );
    expect(filings[0]?.faults).toEqual([{ line: 3, message: expect.stringContaining('pool "crypto"') }]);
    expect(await limits(account)).toEqual(['AAPL 230']);
  });

  it('an empty one changes nothing unless it is allowed to', async () => {
    const account = await ledgers.account();
    await file(account, csv('AAPL,230,5,'));
    for (const text of ['', csv(), '[]'])
      expect((await failure(file(account, text))).message).toContain('--allow-empty');
    expect(await limits(account)).toEqual(['AAPL 230']);
    expect(kinds(await file(account, csv(), { allowEmpty: true }))).toEqual(['withdrawn AAPL']);
    expect(await limits(account)).toEqual([]);
    // The same forecast once more is a new plan.
    expect(kinds(await file(account, csv('AAPL,230,5,')))).toEqual(['new AAPL']);
    expect(await limits(account)).toEqual(['AAPL 230']);
  });

  it('needs an account with a keeper', async () => {
    const ledger = await ledgers.bare();
    const error = await failure(file({ ledger } as TestAccount, csv('BTCUSD,95000,1,4h')));
    expect(error).toMatchObject({ code: 'unknown', message: expect.stringContaining('keeper') });
  });
});

describe('10,000 symbols', () => {
  const rows = (qty: number) => Array.from({ length: 10_000 }, (_, i) => `S${i},${10 + (i % 90)},${qty},`);

  it('are filed, kept, replaced and withdrawn, each in one filing', async () => {
    const account = await ledgers.account();
    const totals = () => account.ledger.redis.hmget(key(account.name, 'plan_totals'), 'filed', 'ended');
    expect((await file(account, csv(...rows(1)))).changes).toHaveLength(10_000);
    expect(await totals()).toEqual(['10000', null]);
    expect(await file(account, csv(...rows(1)))).toMatchObject({ kept: 10_000, changes: [] });
    const replaced = await file(account, csv(...rows(2)));
    expect(replaced.changes.every(({ kind }) => kind === 'changed')).toBe(true);
    expect(await totals()).toEqual(['20000', '10000']);
    expect(await file(account, csv(...rows(2).slice(0, 1)))).toMatchObject({
      kept: 1,
      changes: { length: 9_999 },
    });
    expect(await totals()).toEqual(['20000', '19999']);
  }, 180_000);
});

describe('a dry run', () => {
  it('shows what would change, and changes no key', async () => {
    const account = await ledgers.account();
    await file(account, csv('AAPL,230,5,', 'MSFT,400,1,', 'NVDA,140,1,'));
    const before = await account.keyspace();
    const filing = await file(account, csv('AAPL,231,5,', 'NVDA,140,1,', 'AMD,120,3,'), { dryRun: true });
    expect(await account.keyspace()).toEqual(before);
    const [out, err]: [string[], string[]] = [[], []];
    const options = {
      source: '-',
      env: { NO_COLOR: '1' },
      out: (text: string) => void out.push(text),
      err: (text: string) => void err.push(text),
    };
    forecastConsole({ ...options, json: false }).onFiling(filing, 3);
    expect(out.join('').split('\n')).toEqual([
      '~  AAPL  buy  f  limit 230 -> 231',
      '+  AMD   buy  f  limit 120, qty 3, PnL 0, expires 2025-01-15T21:00:00Z',
      '-  MSFT  buy  f  limit 400, qty 1, PnL 0, expires 2025-01-15T21:00:00Z',
      '=  1 kept',
      'dry run, nothing was filed: 1 new, 1 changed, 1 withdrawn, 1 kept',
      '',
    ]);
    out.length = 0;
    forecastConsole({ ...options, json: true }).onFiling(filing, 3);
    const document = PLAN.parse(JSON.parse(out.join('')));
    expect(document).toMatchObject({
      ...{ dryRun: true, strategies: ['f'], rows: 3, kept: 1, refused: [] },
      new: [{ symbol: 'AMD', line: 4, limit: '120' }],
      changed: [{ symbol: 'AAPL', stage: 'waiting', changes: { limit: { old: '230', new: '231' } } }],
      withdrawn: [{ symbol: 'MSFT' }],
    });
    expect(err).toEqual([]);
  });
});

describe('the command', () => {
  const plan = (account: TestAccount, ...args: string[]): SpawnSyncReturns<string> => {
    const env = {
      ...CHILD_ENV,
      REDIS_URL: ledgers.url,
      WORKSTEAL_ACCOUNT: account.name,
      NO_COLOR: '1',
    };
    // By a shell, so that it may stand in a pipe; fails when any part of that does.
    const line = [process.execPath, PROGRAM, 'plan', ...args].join(' ');
    return spawnSync('bash', ['--norc', '-o', 'pipefail', '-c', line], {
      env,
      cwd: folder,
      encoding: 'utf8',
      input: '{"symbol":"ETH/USD","limit":3000,"notional":"100"}',
    });
  };

  it('files a file, reports refused rows on standard error and by its exit code', async () => {
    const account = await ledgers.account();
    writeFileSync(join(folder, 'morning.csv'), 'symbol,limit,qty,colour\nAAPL,230,5,red\nMSFT,x,5,blue\n');
    const { stdout, stderr, status } = plan(account, 'morning.csv');
    expect(stdout).toContain('1 new, 0 changed, 0 withdrawn, 0 kept, 1 refused');
    expect(stderr).toContain('refused: morning.csv, line 3: limit "x"');
    expect(stderr).toContain('unknown columns, which are ignored: "colour"');
    expect(status).toBe(1);
    expect(await unfinished(account)).toMatchObject([{ symbol: 'AAPL', strategy: 'morning' }]);
  });

  it('files standard input', async () => {
    const account = await ledgers.account();
    const { stdout, stderr, status } = plan(account, '-', '--json', '--strategy', 'pipe');
    // The end of the command is no outage of Redis.
    expect(stderr).not.toMatch(/away/);
    expect(JSON.parse(stdout)).toMatchObject({
      new: [{ symbol: 'ETHUSD', strategy: 'pipe', qty: '0.033333333' }],
    });
    expect(status).toBe(0);
  });

  it('prints only the requested lines, and files everything', async () => {
    const account = await ledgers.account();
    writeFileSync(join(folder, 'long.csv'), csv(...Array.from({ length: 2_000 }, (_, i) => `S${i},10,1,`)));
    const { stdout, stderr, status } = plan(account, 'long.csv', '--json', '|', 'head', '-c', '1');
    // A slow machine shows its progress; these settings are not the account's, which is told.
    const faults = stderr.replaceAll(/^(\d+ of 2000 changes filed|warning: the settings here .*)\n/gm, '');
    expect({ stdout, faults, status }).toEqual({ stdout: '{', faults: '', status: 0 });
    expect(await unfinished(account)).toHaveLength(2_000);
  });

  it('a file that is not there is an error that names it', async () => {
    const { stderr, status } = plan(await ledgers.account(), 'nowhere.csv');
    expect(stderr).toContain('nowhere.csv: cannot be read (there is no such file or folder)');
    expect(status).toBe(2);
  });

  it.each([
    [{}, 'a.csv', { kind: 'forecasts', source: 'a.csv', ...usual, json: false }],
    [
      { watch: true, dryRun: true, strategy: 's', format: 'jsonl' },
      '-',
      { source: '-', watch: true, dryRun: true, strategy: 's', format: 'jsonl' },
    ],
  ])('%o of %s is a job', (options, source, job) =>
    expect(readPlanOptions(options, source)).toMatchObject(job),
  );

  it.each([
    [{ demo: true }, 'a.csv'],
    [{ data: 'bars' }, 'a.csv'],
    [{ strategy: 'two words' }, 'a.csv'],
    [{ watch: true, format: 'csv' }, '-'],
    [{ demo: true, dryRun: true }, undefined],
  ])('%o of %s is refused', (options, source) =>
    expect(() => readPlanOptions(options, source)).toThrow(/plan: /),
  );
});
