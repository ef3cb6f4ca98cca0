/** A journal as a market (src/journal/market.ts): what it tells, what it does not, and what is refused. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { evaluateCommand } from '../../src/cli/evaluate.ts';
import { summary } from '../../src/cli/replay.ts';
import { runSeed } from '../../src/evidence/run.ts';
import type { RunSeeds } from '../../src/evidence/run-seeds.ts';
import { tallyOf } from '../../src/evidence/tally.ts';
import { journalBars } from '../../src/journal/bars.ts';
import { readJournalMarket } from '../../src/journal/market.ts';
import { type DecisionLine, emptyTables, type Tables } from '../../src/journal/seen.ts';
import { JournalWriter } from '../../src/journal/writer.ts';
import { EVALUATE } from '../../src/json/evaluate.ts';

const folder = mkdtempSync(join(tmpdir(), 'worksteal-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MINUTE_MS = 60_000;
const START_MS = Date.parse('2026-01-20T10:00:30Z');
const START_MINUTE = Math.floor(START_MS / MINUTE_MS);

/** `minute`: after the start. `quotes`: of that second. */
type Step = { minute: number; wish?: Partial<DecisionLine['wish']>; quotes?: Record<string, string> };

/** A journal of these decisions; a wish without a plan of its own is another plan each time. */
function aJournal(name: string, steps: readonly Step[], of: Partial<DecisionLine> = {}): string {
  const file = join(folder, name);
  const writer = new JournalWriter(file, 'main', { maxBytes: 2 ** 26, keep: 1 });
  writer.settings('f', { WORK_STEALING_POLICY: 'pnl' });
  let tables: Tables = emptyTables();
  for (const [at, { minute, wish = {}, quotes = {} }] of steps.entries()) {
    const atMs = START_MS + minute * MINUTE_MS;
    tables = { ...tables, quotes: new Map(tables.quotes) };
    for (const [symbol, price] of Object.entries(quotes))
      tables.quotes.set(symbol, { price, nanos: Math.round(Number(price) * 1e9), atMs });
    writer.decision(
      {
        ...{ type: 'decision', seq: at + 1, atMs, healthMs: atMs, fingerprint: 'f' },
        wish: {
          ...{ id: `p${at}_1`, symbol: 'AAPL', side: 'buy', kind: 'entry', mode: 'normal', limit: '99' },
          ...{ qty: '10', pnl: '20', fillProbability: '1', pool: '', plan: `p${at}`, ...wish },
        },
        equityMicros: 10_000_000_000,
        pools: [{ name: 'total', capMicros: 1, positionsMicros: 0, ordersMicros: 0, leverage: '2' }],
        ...{ cut: false, outcome: 'fits', victims: [], kept: null, numbers: {}, ...of },
      },
      tables,
    );
  }
  writer.close();
  return file;
}

const SIMPLE: Step[] = [
  { minute: 0, quotes: { AAPL: '100' } },
  { minute: 10, quotes: { AAPL: '98.5' }, wish: { plan: 'p0' } },
  { minute: 70, quotes: { AAPL: '102' }, wish: { plan: 'p0' } },
];

describe('a journal as a market', () => {
  it('has plans with forecasts and sizes from decisions, and prices from quotes', async () => {
    const { market, facts } = await readJournalMarket([aJournal('simple', SIMPLE)]);
    const [symbol] = market.symbols;
    expect([market.symbols.length, symbol?.symbol, symbol?.crypto]).toEqual([1, 'AAPL', false]);
    // The plan begins in the minute after it asked; 20 dollars on 10 shares are 2 each; 990 of 10,000.
    expect(symbol?.plans).toEqual([{ limit: 99, target: 101, share: 0.099 }, undefined]);
    expect(symbol?.bars).toEqual([
      { startMs: (START_MINUTE + 1) * MINUTE_MS, open: 100, high: 100, low: 98.5, close: 98.5 },
      { startMs: (START_MINUTE + 70) * MINUTE_MS, open: 98.5, high: 102, low: 98.5, close: 102 },
    ]);
    expect(Array.from(symbol?.minutes?.[0] ?? []).slice(8, 11)).toEqual([100, 98.5, 98.5]);
    expect(facts).toMatchObject({ decisions: 3, quotes: 3, unseen: 1, judged: 1 });
  });

  it('counts what it leaves out, by why', async () => {
    const steps: Step[] = [
      ...SIMPLE,
      { minute: 71, wish: { symbol: 'MSFT', side: 'sell' } },
      { minute: 71, wish: { symbol: 'MSFT', mode: 'probe' } },
      { minute: 71, wish: { symbol: 'MSFT', pnl: '0' } },
      { minute: 71, wish: { symbol: 'MSFT' } },
      { minute: 72, wish: { plan: 'a' }, quotes: { AAPL: '102' } },
      { minute: 80, wish: { plan: 'b' } },
      { minute: 90, wish: { plan: 'c' }, quotes: { AAPL: '103' } },
    ];
    const { facts } = await readJournalMarket([aJournal('left', steps)]);
    // MSFT has no price; b is overtaken by c, which has none once a's hour is over.
    expect(facts).toMatchObject({
      judged: 2,
      left: { sales: 1, probes: 1, withoutGain: 1, overtaken: 1, unpriced: 2 },
    });
  });

  it('takes the age of a quote off the time of its decision', async () => {
    const [first, ...rest] = SIMPLE as [Step, ...Step[]];
    const file = aJournal('old', [first, { minute: 1, wish: { plan: 'p0' } }, ...rest]);
    const text = readFileSync(file, 'utf8').replace(
      `"nanos":98500000000,"atMs":${START_MS + 10 * MINUTE_MS}`,
      (all) => all.replace(`${START_MS + 10 * MINUTE_MS}`, `${START_MS + 8 * MINUTE_MS}`),
    );
    writeFileSync(file, text);
    const { market } = await readJournalMarket([file]);
    expect(Array.from(market.symbols[0]?.minutes?.[0] ?? []).slice(6, 9)).toEqual([100, 98.5, 98.5]);
  });

  it.each([
    ['a limit of nothing', '"limit":"99"', '"limit":"0"', /: line 3: wish\.limit: 0 is not a price above 0/],
    ['no quantity', '"qty":"10"', '"qty":"0"', /: line 3: wish\.qty: "0" is not above 0/],
    [
      'an odd price',
      '"price":"100"',
      '"price":"5000000"',
      /: line 3: changed\.quotes\.AAPL\.price: 5000000 is/,
    ],
    ['a field of another type', '"equityMicros":1', '"equityMicros":"1', /: line 3: /],
  ])('refuses %s with file, line and field', async (what, from, to, message) => {
    const file = aJournal(`bad ${what}`, SIMPLE);
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
    await expect(readJournalMarket([file])).rejects.toThrow(message);
  });

  it('refuses one of which no plan can be judged, and says why', async () => {
    const file = aJournal('nothing', SIMPLE.slice(0, 1));
    await expect(readJournalMarket([file])).rejects.toThrow(
      /1 decisions and 1 quotes, and no plan that can be judged \(1 without a price .*\); record for longer/,
    );
  });
});

it('a journal without a decision is said to have none', async () => {
  const file = aJournal('empty', []);
  await expect(readJournalMarket([file])).rejects.toThrow(
    /empty: no decision was recorded, so there is no plan to judge; record while plans ask for room/,
  );
  expect(summary({ decisions: 0, differ: 0, left: new Map(), gaps: 0, torn: [] })).toBe(
    'no decision was recorded, so there is nothing to decide again; record while plans ask for room\n',
  );
  expect(summary({ decisions: 1, differ: 0, left: new Map([['odd', 1]]), gaps: 2, torn: [] })).toBe(
    '1 decision, 0 differ\n1 decision not made again: odd\n2 decisions missing: the recorder was too slow\n',
  );
});

describe('the hours of a symbol', () => {
  const quotes = Array.from({ length: 300 }, (_, at) => ({ atMs: at * MINUTE_MS, price: 100 + (at % 3) }));
  const limits = (limit: number) => ({ limit, target: 200 });
  const asked = (minute: number, limit: number) => ({ atMs: minute * MINUTE_MS, limits: limits(limit) });

  it('do not overlap, and a plan that comes while another runs waits for its end', () => {
    const { bars, plans, judged, overtaken } = journalBars(quotes, [
      ...[asked(70, 1), asked(90, 2), asked(100, 3), asked(250, 4)],
    ]);
    const starts = bars.map(({ startMs }) => startMs / MINUTE_MS);
    expect(starts).toEqual([0, 71, 131, 191, 251]);
    expect(plans.map((plan) => plan?.limit)).toEqual([undefined, 1, 3, undefined, 4]);
    expect([judged, overtaken]).toEqual([4 - 1, 1]);
  });

  it('are left out where no quote is', () => {
    const some = quotes.filter(({ atMs }) => atMs < 30 * MINUTE_MS || atMs >= 200 * MINUTE_MS);
    const { bars } = journalBars(some, []);
    expect(bars.map(({ startMs }) => startMs / MINUTE_MS)).toEqual([0, 200, 260]);
    expect(bars[1]?.open).toBe(102);
  });

  it('are of known prices alone: later quotes change none that is over', () => {
    const other = quotes.map((quote, at) => (at < 131 ? quote : { ...quote, price: 50 }));
    const of = (all: typeof quotes) => journalBars(all, [asked(70, 1)]);
    expect(of(other).bars.slice(0, 2)).toEqual(of(quotes).bars.slice(0, 2));
    expect(of(other).minutes.slice(0, 2)).toEqual(of(quotes).minutes.slice(0, 2));
  });
});

it('evaluate answers for a journal, with its sizes, and says what it can not tell', async () => {
  const file = aJournal('asked', SIMPLE);
  const { data, sizes } = EVALUATE.parse(JSON.parse(await evaluated(file, '--json')));
  expect(data).toMatchObject({ plans: 'journal', paths: 'journal', symbols: 1, journal: { judged: 1 } });
  // 100 is too far to enter; 10 shares are bought at the market, 98.5, and sold at 101.
  expect(sizes).toMatchObject([{ size: null, scarce: false, noneEarnedBps: 25 }]);
  const text = await evaluated(file);
  expect(text).toMatch(/^plans judged +1$/m);
  expect(text).toMatch(/^quotes +3; 1 lie in no whole hour and are not used$/m);
  expect(text).toMatch(/^orders as large as the plans say: capacity is not scarce/m);
  expect(text).toMatch(/what the price did between two quotes is not known/);
});

async function evaluated(...args: string[]): Promise<string> {
  let text = '';
  const writeOut = (part: string): void => {
    text += part;
  };
  const run: RunSeeds = ({ market, options }, { seeds: [seed = 1] }) =>
    Promise.resolve(tallyOf(runSeed(market, { ...options, seed })));
  const command = evaluateCommand({}, run).configureOutput({ writeOut }).exitOverride();
  await command.parseAsync([...args, '--seeds', '1'], { from: 'user' });
  return text;
}
