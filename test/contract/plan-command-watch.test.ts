/**
 * `worksteal plan --watch`: a file that is changed, replaced, deleted or half written; and lines on standard
 * input.
 */
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { configure } from '../../src/ledger/commands/configure.ts';
import { planOf } from '../../src/ledger/commands/plans.ts';
import { key } from '../../src/ledger/keys.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import type { Filing } from '../../src/planner/forecasts/filing.ts';
import { type ForecastJob, runForecasts } from '../../src/planner/forecasts/run.ts';
import { MarketCalendar } from '../../src/rules/session.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { useLedgers } from '../support/fixtures.ts';

const PATIENCE = { timeout: 60_000, interval: 10 };

const ledgers = useLedgers();
let folder: string;
const closing: (() => Promise<void> | void)[] = [];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-watched-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
});

type Watch = {
  /** What was filed so far, one a filing. */
  filings: Filing[];
  told: string[];
  /** Resolves when there were so many filings. */
  filed(count: number): Promise<void>;
  /** Symbols and limits of the unfinished plans. */
  plans(): Promise<string[]>;
  ended: Promise<void>;
};

async function watching(
  job: Partial<ForecastJob>,
  input = new PassThrough(),
  given?: Ledger,
): Promise<Watch> {
  const ledger = given ?? (await ledgers.account()).ledger;
  const name = ledger.account;
  const stopping = new AbortController();
  const [filings, told]: [Filing[], string[]] = [[], []];
  const parts = {
    ...{
      ledger,
      rules: readSettings({}).settings,
      calendar: new MarketCalendar(),
      input,
      onProgress: () => {},
    },
    ...{
      onFiling: (filing: Filing) => void filings.push(filing),
      tell: (sentence: string) => void told.push(sentence),
    },
  };
  const whole = {
    source: '-',
    strategy: 'w',
    fractional: false,
    allowEmpty: false,
    watch: true,
    dryRun: false,
    ...job,
  };
  const ended = runForecasts(whole, parts, stopping.signal);
  closing.push(async () => {
    stopping.abort();
    await ended;
  });
  return {
    filings,
    told,
    ended,
    filed: async (count) => void (await expect.poll(() => filings.length, PATIENCE).toBe(count)),
    async plans() {
      const ids = await ledger.redis.zrange(key(name, 'plans'), 0, '-1');
      const plans = await Promise.all(
        ids.map(async (id) => planOf(await ledger.redis.hgetall(key(name, `plan:${id}`)))),
      );
      return plans.map(({ symbol, limit }) => `${symbol} ${limit}`).sort();
    },
  };
}

const csv = (...rows: string[]): string => `symbol,limit,qty\n${rows.join('\n')}\n`;
let made = 0;
const aPath = (): string => join(folder, `forecasts-${++made}.csv`);

describe('a file that is followed', () => {
  it('is filed at the start, when it is written, and when another takes its place', async () => {
    const source = aPath();
    writeFileSync(source, csv('AAPL,230,1', 'MSFT,400,1'));
    const watch = await watching({ source });
    await watch.filed(1);
    writeFileSync(source, csv('AAPL,231,1', 'MSFT,400,1'));
    await watch.filed(2);
    expect(watch.filings[1]).toMatchObject({ kept: 1, changes: [{ kind: 'changed' }] });
    writeFileSync(`${source}.new`, csv('AAPL,231,1', 'NVDA,140,1'));
    renameSync(`${source}.new`, source);
    await watch.filed(3);
    expect(await watch.plans()).toEqual(['AAPL 231', 'NVDA 140']);
    expect(watch.told).toEqual([]);
  });

  it('is not filed again when it is written with what it holds already', async () => {
    const source = aPath();
    writeFileSync(source, csv('AAPL,230,1'));
    const watch = await watching({ source });
    await watch.filed(1);
    writeFileSync(source, csv('AAPL,230,1'));
    renameSync(source, `${source}.gone`);
    await expect.poll(() => watch.told, PATIENCE).toHaveLength(1);
    writeFileSync(source, csv('AAPL,230,1'));
    writeFileSync(source, csv('AAPL,232,1'));
    await watch.filed(2);
    expect(watch.filings[1]).toMatchObject({ changes: [{ kind: 'changed' }] });
  });

  it.each([
    ['is empty', ''],
    ['holds a header alone', csv().trimEnd()],
    ['is no table at all', '\u0000\u0001'],
  ])('withdraws nothing when it %s, and goes on with what comes next', async (_, text) => {
    const source = aPath();
    writeFileSync(source, csv('AAPL,230,1', 'MSFT,400,1'));
    const watch = await watching({ source });
    await watch.filed(1);
    writeFileSync(source, text);
    await expect.poll(() => watch.told, PATIENCE).toHaveLength(1);
    expect(watch.told[0]).toContain('the plans that were filed before stay');
    expect(await watch.plans()).toEqual(['AAPL 230', 'MSFT 400']);
    writeFileSync(source, csv('AAPL,230,1'));
    await watch.filed(2);
    expect(await watch.plans()).toEqual(['AAPL 230']);
  });

  it('may be empty where that is allowed', async () => {
    const source = aPath();
    writeFileSync(source, csv('AAPL,230,1'));
    const watch = await watching({ source, allowEmpty: true });
    await watch.filed(1);
    writeFileSync(source, '');
    await watch.filed(2);
    expect(await watch.plans()).toEqual([]);
  });

  it('that is missing is reported once, withdraws nothing, and is filed when it appears', async () => {
    const source = aPath();
    const watch = await watching({ source });
    await expect.poll(() => watch.told, PATIENCE).toHaveLength(1);
    expect(watch.told[0]).toContain('cannot be read');
    writeFileSync(source, csv('AAPL,230,1'));
    await watch.filed(1);
    rmSync(source);
    await expect.poll(() => watch.told, PATIENCE).toHaveLength(2);
    expect(await watch.plans()).toEqual(['AAPL 230']);
  });

  it('is tried again until the ledger takes it', async () => {
    const ledger = await ledgers.bare();
    const source = aPath();
    writeFileSync(source, 'symbol,limit,qty,expiry\nAAPL,230,1,4h\n');
    const watch = await watching({ source }, undefined, ledger);
    await expect.poll(() => watch.told, PATIENCE).toEqual([expect.stringContaining('start a keeper')]);
    await configure(ledger, readSettings({}).settings, 60_000);
    await watch.filed(1);
    expect(await watch.plans()).toEqual(['AAPL 230']);
  });

  it('withdraws the plans of a strategy that it no longer names', async () => {
    const source = aPath();
    writeFileSync(source, 'symbol,limit,qty,strategy\nAAPL,230,1,x\nMSFT,400,1,y\n');
    const watch = await watching({ source });
    await watch.filed(1);
    writeFileSync(source, 'symbol,limit,qty,strategy\nMSFT,400,1,y\n');
    await watch.filed(2);
    expect(await watch.plans()).toEqual(['MSFT 400']);
  });
});

describe('standard input that is followed', () => {
  const row = (symbol: string, limit: number): string => `${JSON.stringify({ symbol, limit, qty: 1 })}\n`;

  it('each line updates its plan at once; a blank line ends a set and withdraws what it omits', async () => {
    const input = new PassThrough();
    const watch = await watching({}, input);
    input.write(row('AAPL', 230) + row('MSFT', 400));
    await watch.filed(1);
    expect(await watch.plans()).toEqual(['AAPL 230', 'MSFT 400']);
    input.write('\n');
    await watch.filed(2);
    input.write(row('AAPL', 231));
    await watch.filed(3);
    expect(await watch.plans()).toEqual(['AAPL 231', 'MSFT 400']);
    input.write('\n\n\n');
    await watch.filed(4);
    expect(await watch.plans()).toEqual(['AAPL 231']);
  });

  it('a line may arrive in pieces, with any line end; the end of input commits the rest', async () => {
    const input = new PassThrough();
    const watch = await watching({}, input);
    input.write('{"symbol":"AAPL","lim');
    input.write('it":230,"qty":1}\r\n{"symbol":"MS');
    await watch.filed(1);
    input.end('FT","limit":400,"qty":1}');
    await watch.ended;
    expect(await watch.plans()).toEqual(['AAPL 230', 'MSFT 400']);
    expect(watch.filings.at(-1)).toMatchObject({ kept: 1, changes: [{ kind: 'new' }] });
  });

  it('an unreadable line is reported with its number, and withdraws nothing', async () => {
    const input = new PassThrough();
    const watch = await watching({}, input);
    input.write(`${row('AAPL', 230)}${row('MSFT', 400)}\n`);
    await watch.filed(1);
    input.end(`${row('AAPL', 231)}{"symbol":"MSF`);
    await watch.ended;
    expect(watch.filings.at(-1)).toMatchObject({
      faults: [{ line: 5, message: expect.stringContaining('not valid JSON') }],
      stayed: 1,
    });
    expect(await watch.plans()).toEqual(['AAPL 231', 'MSFT 400']);
  });

  it('that ends without a line changes nothing', async () => {
    const input = new PassThrough();
    const watch = await watching({}, input);
    input.end('\n\n');
    await watch.ended;
    expect(watch.filings).toEqual([]);
  });

  it('stops when asked, even without input', async () => {
    const watch = await watching({});
    await closing.pop()?.();
    expect(watch.filings).toEqual([]);
  });
});
