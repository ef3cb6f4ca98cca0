/**
 * Malformed forecast files (`worksteal plan FILE`): each invalid row is refused with its line and field, and
 * only valid plans are filed. A file without a valid row does not change the ledger.
 */
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { WorkstealError } from '../../src/domain/errors.ts';
import type { Filing } from '../../src/planner/forecasts/filing.ts';
import { forecastSet } from '../../src/planner/forecasts/forecast-set.ts';
import { FORMATS, type Format, readRows } from '../../src/planner/forecasts/read-rows.ts';
import { type ForecastJob, runForecasts } from '../../src/planner/forecasts/run.ts';
import { MarketCalendar } from '../../src/rules/session.ts';
import { readSettings } from '../../src/rules/settings.ts';
import { failure, NOW_MS } from '../support/ledger.ts';
import { type AttackedBook, attackedBook } from './input/attacked-book.ts';
import { CALLS, chanceOf } from './input/chance.ts';
import { RIGHT_FORECASTS } from './input/forecast-texts.ts';
import { insaneOf } from './input/sane-plan.ts';
import { spoilLines } from './input/spoil-lines.ts';
import { Tally } from './input/tally.ts';

const rules = readSettings({ WORK_STEALING_POOLS: 'crypto:1' }).settings;
const calendar = new MarketCalendar();
const closeMs = calendar.nextClose(NOW_MS);
const how = {
  strategy: 'file',
  fractional: false,
  warnOfDoubles: true,
  nowMs: NOW_MS,
  nextClose: () => closeMs,
  rules,
};

let book: AttackedBook;
let folder: string;
beforeAll(async () => {
  book = await attackedBook();
  folder = mkdtempSync(join(tmpdir(), 'worksteal-input-'));
});
beforeEach(() => book.witness.restore());
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await book.close();
});

/** A sentence that a person can read on a terminal. */
function expectReadable(sentence: string, text: string): void {
  if (!/^\P{Cc}{5,1000}$/u.test(sentence))
    expect.fail(`${JSON.stringify(sentence)} of ${JSON.stringify(text.slice(0, 2_000))}`);
}

/**
 * Reads a text; counts its rows as `refused`, `asked` or `twice`, one that is of no use as a whole as
 * `refused`.
 */
function read(text: string, format: Format, tally: Tally): void {
  const lines = text.split(/\r\n|\n|\r/).length;
  try {
    const raw = readRows(text, format);
    const set = forecastSet(raw, how);
    for (const { line, message } of set.faults) {
      expectReadable(message, text);
      if (!(line >= 1 && line <= lines)) expect.fail(`line ${line} of ${lines}: ${message}`);
    }
    for (const warning of set.warnings) expectReadable(warning, text);
    for (const { plan } of set.asked) {
      const wrong = insaneOf(plan, NOW_MS);
      if (wrong !== undefined)
        expect.fail(`${wrong} of ${JSON.stringify(plan)} out of ${JSON.stringify(text.slice(0, 2_000))}`);
    }
    tally.count('refused', set.faults.length);
    tally.count('asked', set.asked.length);
    const lost = raw.rows.length + raw.faults.length - set.faults.length - set.asked.length;
    tally.count('twice', lost);
    if (lost < 0) expect.fail(`more rows than were written: ${JSON.stringify(text.slice(0, 2_000))}`);
  } catch (error) {
    if (!(error instanceof WorkstealError) || error.code !== 'invalid') throw error;
    expectReadable(error.message, text);
    tally.count('refused');
  }
}

async function file(job: Partial<ForecastJob>, text = ''): Promise<Filing> {
  const filings: Filing[] = [];
  const parts = {
    ...{ ledger: book.account.ledger, rules, calendar, input: Readable.from([Buffer.from(text, 'latin1')]) },
    ...{ onFiling: (filing: Filing) => void filings.push(filing), onProgress: () => {}, tell: () => {} },
  };
  const usual = {
    source: '-',
    strategy: 'file',
    fractional: false,
    allowEmpty: false,
    watch: false,
    dryRun: false,
  };
  await runForecasts({ ...usual, ...job }, parts, new AbortController().signal);
  return filings[0] as Filing;
}

describe('malformed forecasts', () => {
  it.each(FORMATS)('as %s are refused row by row', (format) => {
    const chance = chanceOf(`forecasts as ${format}`);
    const tally = new Tally();
    while (tally.of('refused') < CALLS)
      read(spoilLines(RIGHT_FORECASTS[format], chance, 12).toString('utf8'), format, tally);
    expect(tally.of('asked'), `${tally}`).toBeGreaterThan(CALLS / 10);
  });

  it.each(FORMATS)(
    'as %s are filed as far as they are right, and what is wrong changes nothing',
    async (format) => {
      const { account, witness } = book;
      const chance = chanceOf(`filing ${format}`);
      for (let i = 0; i < Math.ceil(CALLS / 100); i += 1) {
        const bytes = spoilLines(RIGHT_FORECASTS[format], chance).toString('latin1');
        const filing = await file({ format }, bytes).catch((error: unknown) => {
          if (!(error instanceof WorkstealError) || error.code !== 'invalid') throw error;
          return undefined;
        });
        const changed = await witness.changed();
        if (filing === undefined || filing.changes.length === 0)
          expect(changed, JSON.stringify(bytes.slice(0, 2_000))).toEqual([]);
        // What the planner accepts, the ledger accepts: the ledger's own refusals name a command.
        for (const { message } of filing?.faults ?? []) expect(message).not.toContain('plan-replace');
        if (changed.length > 0) {
          await account.expectSound();
          await witness.restore();
        }
      }
    },
  );

  it('in invalid files are refused with the name of the file', async () => {
    const path = (name: string, content: string | Buffer = ''): string => {
      writeFileSync(join(folder, name), content);
      return join(folder, name);
    };
    mkdirSync(join(folder, 'directory.csv'));
    truncateSync(path('huge.csv'), 33 * 1024 * 1024);
    const bad = Array.from({ length: 200 }, (_, at) => `AAPL,${'9'.repeat(30)},${-at}`).join('\n');
    const files: [name: string, rows: boolean][] = [
      [join(folder, 'missing.csv'), false],
      [join(folder, 'directory.csv'), false],
      [join(folder, 'huge.csv'), false],
      [path('empty.csv'), false],
      [path('headless.csv', 'AAPL,1,1\n'), false],
      [path('double.csv', 'symbol,limit,price\nAAPL,1,1\n'), false],
      [path('deep.json', '['.repeat(100_000)), false],
      [path('deeper.json', `${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}`), true],
      [path('cut.json', RIGHT_FORECASTS.json.slice(0, -20)), false],
      [path('proto.json', '{"__proto__":{"forecasts":[{"symbol":"AAPL","limit":1,"quantity":1}]}}'), false],
      [path('utf16.csv', Buffer.from(RIGHT_FORECASTS.csv, 'utf16le')), false],
      [path('nul.csv', '\0'.repeat(1_000)), false],
      [path('bad.csv', `symbol,limit,qty\n${bad}\n`), true],
      [
        path(
          'proto.jsonl',
          '{"__proto__":{"symbol":"AAPL","limit":1,"quantity":1}}\n{"constructor":{"prototype":1}}\n',
        ),
        true,
      ],
      [`${path('nul')}\0`, false],
    ];
    for (const [source, rows] of files) {
      if (rows) {
        const { changes, faults } = await file({ source });
        expect({ source, changes, refused: faults.length > 0 }).toEqual({
          source,
          changes: [],
          refused: true,
        });
      } else {
        const error = await failure(file({ source }));
        expect({ source, code: error.code }).toEqual({ source, code: 'invalid' });
        expect(error.message).toContain(source.slice(0, -1));
      }
      expect(await book.witness.changed(), source).toEqual([]);
    }
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
