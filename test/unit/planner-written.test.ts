/** Forecasts as other people's tools write them: numbers, times, symbols, columns, encodings. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { shown } from '../../src/domain/shown.ts';
import { toSymbol } from '../../src/domain/symbol.ts';
import { decode } from '../../src/planner/forecasts/decode.ts';
import { readExpiry } from '../../src/planner/forecasts/expiry.ts';
import type { RawValues } from '../../src/planner/forecasts/fields.ts';
import { readForecast } from '../../src/planner/forecasts/forecast.ts';
import { forecastSet } from '../../src/planner/forecasts/forecast-set.ts';
import { type Format, formatOf, readRows } from '../../src/planner/forecasts/read-rows.ts';
import { strategyOf } from '../../src/planner/forecasts/run.ts';
import { MarketCalendar } from '../../src/rules/session.ts';
import { readSettings } from '../../src/rules/settings.ts';

const defaults = { strategy: 'morning', fractional: false };
const read = (values: RawValues) =>
  readForecast({ symbol: 'AAPL', limit: '200', quantity: '5', ...values }, defaults);

const calendar = new MarketCalendar();
const nowMs = Date.parse('2026-11-24T17:00:00Z');
const setOf = (text: string, format: Format = 'csv', ignored: readonly string[] = []) =>
  forecastSet(readRows(text, format, ignored), {
    ...defaults,
    ...{
      nowMs,
      nextClose: () => calendar.nextClose(nowMs),
      rules: readSettings({}).settings,
      warnOfDoubles: true,
    },
  });

describe('a number that a float brought', () => {
  it.each<[RawValues, object]>([
    [{ limit: '190.12999999999998' }, { limit: '190.13', rounded: false }],
    [{ limit: '200.10000000000002' }, { limit: '200.1', rounded: false }],
    [
      { side: 'sell', limit: '200.10000000000002' },
      { limit: '200.1', rounded: false },
    ],
    [{ take_profit: '210.00000000000003' }, { takeProfit: '210', rounded: false }],
    [{ pnl: '2.3000000000000003' }, { pnl: '2.3', rounded: false }],
    [{ pnl: '-12.300000000000001' }, { pnl: '-12.3', rounded: false }],
    [{ pnl: '8.4177e-06' }, { pnl: '0.000008418', rounded: true }],
    [{ quantity: '0.5000000000000001' }, { qty: '0.5', rounded: false }],
    [{ quantity: '4.999999999999999' }, { qty: '5', rounded: false }],
    [
      { side: 'sell', quantity: '2.0000000000000004' },
      { qty: '2', rounded: false },
    ],
    [
      { symbol: 'BTC/USD', limit: '90000.1', quantity: '0.012345678912' },
      { qty: '0.012345678', rounded: false },
    ],
    [
      { symbol: 'SHIBUSD', limit: '0.0000083754', quantity: '1e6' },
      { limit: '0.000008375', rounded: true },
    ],
    [{ limit: '230.109' }, { limit: '230.1', rounded: true }],
  ])('%j is taken at the step of the broker', (values, expected) =>
    expect(read(values)).toMatchObject(expected),
  );

  it('is told where it changed by more than a millionth of itself', () => {
    const rows = (limit: string) => setOf(`symbol,limit,qty\nAAPL,${limit},1\n`).warnings;
    expect(rows('200.00000000000003')).toEqual([]);
    expect(rows('200.001')).toEqual([expect.stringMatching(/^1 row has numbers that were rounded/)]);
  });
});

describe('a number', () => {
  it.each([
    ['+400', '400'],
    ['.5', '0.5'],
    ['180.', '180'],
    ['1E2', '100'],
    ['0200', '200'],
  ])('%s is %s', (written, limit) => expect(read({ limit: written }).limit).toBe(limit));

  it.each([
    ['1,204.50', 'write 1204.50'],
    ['$120', 'write 120'],
    ['120 USD', 'write 120'],
    ['120,50', 'write 120.50'],
    ['12%', 'write it in dollars or units, not in percent'],
    ['NaN', 'write nothing if there is no value'],
    ['1_000', 'write 1000'],
    ['1’204.50', 'write 1204.50'],
    ['1\u00a0204.50', 'write 1204.50'],
    ['190\u200b.5', 'write 190.5'],
    ['１９０', 'write 190'],
    ['−120', 'write -120'],
    ['#N/A', 'write nothing if there is no value'],
    ['1,20,450', 'is not a number'],
    ['.', 'is not a number'],
  ])('%s is none, and the message says what to write', (limit, message) => {
    expect(() => read({ limit })).toThrow(`limit "${shown(limit)}" is not a number`);
    expect(() => read({ limit })).toThrow(message);
  });

  it('below the smallest step of the broker is refused, and never becomes larger', () => {
    expect(() => read({ limit: '0.00004' })).toThrow(
      'limit "0.00004" is below the smallest price step, 0.0001',
    );
    expect(() => read({ side: 'sell', limit: '10', take_profit: '0.00004' })).toThrow('smallest price step');
    expect(read({ side: 'sell', limit: '0.00004' }).limit).toBe('0.0001');
    expect(() => read({ quantity: '1e-10' })).toThrow('quantity "1e-10" is below 0.000000001');
  });
});

describe('a time', () => {
  it.each([
    '2026-11-30 16:00:00-05:00',
    '2026-11-30T21:00Z',
    '2026-11-30T21:00:00+0000',
    '2026-11-30T21:00:00.000000+00',
    '2026-11-30 21:00:00 Z',
  ])('%s is an instant', (text) =>
    expect(readExpiry(text)).toEqual({ kind: 'at', atMs: Date.parse('2026-11-30T21:00:00Z') }),
  );

  it.each([
    ['2026-11-30T21:00:00', 'has no zone'],
    ['2026-11-30', 'has no time of day'],
    ['1795891035405', 'is a Unix time: write 2026-11-28T18:37:15.405Z'],
    ['2026-13-01T00:00Z', 'is not a time'],
    ['NaT', 'write nothing'],
    ['4 hours', 'write 4h'],
    ['90min', 'write 90m'],
    ['Day', 'write "close"'],
  ])('%s is none, and the message says what to write', (text, message) =>
    expect(() => readExpiry(text)).toThrow(message),
  );
});

describe('a symbol', () => {
  it.each([
    ['BF/B', 'BF.B'],
    ['BRK-B', 'BRK.B'],
    ['BTC-USD', 'BTC/USD'],
    ['$AAPL', 'AAPL'],
    ['NASDAQ:MSFT', 'MSFT'],
    ['AAPL\u200b', 'AAPL'],
    ['BTC:USD', 'BTC/USD'],
    ['BTC USD', 'BTC/USD'],
    ['BRK B', 'BRK.B'],
    ['@AAPL', 'AAPL'],
  ])('%s is refused, and the message says to write %s', (text, fix) => {
    expect(() => read({ symbol: text })).toThrow(`is not a symbol: write ${fix}`);
    expect(() => toSymbol(text)).toThrow(`is not a symbol: write ${fix}`);
  });

  it.each(['VOD LN', 'ES=F', 'AAPL US Equity'])('%s is refused without a guess', (text) => {
    expect(() => toSymbol(text)).toThrow(/is not a symbol \(A-Z/);
  });

  it('with a letter of another script that looks like one of ours is shown with its number', () => {
    expect(() => toSymbol('\u0410APL')).toThrow('"\u0410" is U+0410');
  });

  it('is shown with what nobody sees', () => {
    expect(() => read({ symbol: 'A\u200bAPL' })).toThrow('"A<U+200B>APL"');
    expect(shown('a\u00a0b\u202ec\u0007d e')).toBe('a<U+00A0>b<U+202E>c?d e');
  });
});

describe('a side', () => {
  it.each([
    ['long', 'buy'],
    ['Short', 'sell'],
    ['Sell Short', 'sell'],
    ['sell-short', 'sell'],
    ['BOT', 'buy'],
  ])('%s is refused, and the message says to write %s', (side, fix) =>
    expect(() => read({ side })).toThrow(`side "${side}" is not buy or sell: write ${fix}`),
  );
});

describe('a column that protects money, or says how to work the order', () => {
  it.each([
    ['stop_loss', '170'],
    ['Stop', '170'],
    ['trailing_stop', '5'],
    ['trail_percent', '2'],
    ['trailing_stop_pct', '2'],
    ['Stop loss %', '2'],
    ['stop_limit_price', '170'],
    ['sl_pct', '2'],
    ['SL1', '170'],
    ['tsl', '170'],
    ['hard_stop', '170'],
    ['atr-stop', '2'],
    ['max_loss', '100'],
    ['loss_limit', '100'],
    ['oco', '1'],
    ['extended_hours', 'true'],
    ['type', 'market'],
    ['time_in_force', 'gtc'],
    ['order_class', 'bracket'],
  ])('%s refuses the row that fills it, alone', (name, value) => {
    const set = setOf(`symbol,limit,qty,${name}\nAAPL,1,1,${value}\nMSFT,1,1,\n`);
    expect(set.faults).toEqual([
      {
        line: 2,
        message:
          `${name} "${value}" is not followed by plans: take the column out, ` +
          `or give --ignore-columns ${name.includes(' ') ? `"${name}"` : name}`,
      },
    ]);
    expect(set.asked.map(({ plan }) => plan.symbol)).toEqual(['MSFT']);
    expect(set.complete).toBe(true); // the plan that is there already stays, and others may be withdrawn
    expect([...set.held]).toEqual([expect.stringContaining('AAPL')]);
  });

  it('is passed over by the owner’s word, and told as any other', () => {
    const text = 'symbol,limit,qty,stop_loss\nAAPL,1,1,170\n';
    expect(setOf(text, 'csv', ['Stop Loss'])).toMatchObject({
      faults: [],
      warnings: [expect.stringContaining('"stop_loss"')],
    });
  });

  it('refuses rows of JSON alike', () => {
    const row = { symbol: 'AAPL', limit: 1, qty: 1, stop_loss: 170 };
    for (const [text, format] of [
      [JSON.stringify([row]), 'json'] as const,
      [JSON.stringify(row), 'jsonl'] as const,
    ]) {
      expect(setOf(text, format).faults).toHaveLength(1);
      expect(setOf(text, format, ['stop_loss']).faults).toEqual([]);
    }
  });

  it('is none that only begins alike: a class of assets, a slope', () => {
    const text = 'symbol,limit,qty,class,slope,asset_type\nAAPL,1,1,us_equity,0.3,stock\n';
    expect(setOf(text).faults).toEqual([]);
  });

  it('is named as the option needs it, and its value as it was written', () => {
    expect(setOf('symbol,limit,qty,Trailing %\nAAPL,1,1,5\n').faults[0]?.message).toMatch(
      /--ignore-columns "Trailing %"$/,
    );
    const bracket = '[{"symbol":"AAPL","limit":1,"qty":1,"stop_loss":{"stop_price":180}}]';
    expect(setOf(bracket, 'json').faults[0]?.message).toContain('stop_loss "{"stop_price":180}" is not');
  });

  it('that holds nothing is neither refused nor called ignored', () => {
    for (const nothing of ['', 'nan', 'None', '-', 'false']) {
      const { faults, warnings } = setOf(`symbol,limit,qty,stop_loss\nAAPL,1,1,${nothing}\n`);
      expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
    }
  });

  it('is harmless where it says what a plan does anyway', () => {
    expect(setOf('symbol,limit,qty,type,order_class\nAAPL,1,1,limit,simple\n').faults).toEqual([]);
  });
});

describe('a CSV file', () => {
  const symbols = (text: string) => readRows(text, 'csv').rows.map(({ values }) => values.symbol);

  it('may have a note of several lines', () => {
    const text = 'symbol,note,limit,qty\nAAPL,"first line\n\nsecond ""line""",200,5\nMSFT,plain,400,2\n';
    expect(readRows(text, 'csv')).toMatchObject({
      rows: [
        { line: 2, values: { symbol: 'AAPL', limit: '200', quantity: '5' } },
        { line: 5, values: { symbol: 'MSFT', limit: '400', quantity: '2' } },
      ],
      faults: [],
    });
  });

  it('loses only the line of a quote that is left open', () => {
    const text = 'symbol,note,limit\nAAPL,"open,1\nMSFT,x,2\nNVDA,"open,3\nAMD,y,4\n';
    expect(symbols(text)).toEqual(['MSFT', 'AMD']);
    expect(readRows(text, 'csv').faults.map(({ line }) => line)).toEqual([2, 4]);
  });

  it('never takes a line end into a value', () => {
    const text = 'symbol,limit\n"AAPL\nMSFT",1\nAMD,2\n';
    expect(symbols(text)).toEqual(['AMD']);
  });

  it.each([
    ['ends its lines with CR alone', 'symbol,limit\rAAPL,1\rMSFT,2\r'],
    ['names its delimiter as Excel does', 'sep=;\nsymbol;limit\nAAPL;1\nMSFT;2\n'],
    ['has comments', '# made by hand\nsymbol,limit\n# the first\nAAPL,1\nMSFT,2\n'],
  ])('that %s is read', (_name, text) => expect(symbols(text)).toEqual(['AAPL', 'MSFT']));

  it('with decimal commas is told to write points', () => {
    const { faults } = setOf('symbol;limit;qty\nAAPL;120,50;1\n');
    expect(faults).toEqual([{ line: 2, message: 'limit "120,50" is not a number: write 120.50' }]);
  });

  it.each([
    ['symbol,limit\n"AAPL,1\n', 'a quote (") is opened and not closed'],
    ['symbol,limit\nAAPL,="1"\n', 'put quotes around the whole cell'],
  ])('%j is refused in words', (text, words) => {
    expect(readRows(text, 'csv').faults[0]?.message).toContain(words);
  });

  it('with another separator says which there are', () => {
    expect(() => readRows('symbol|limit\nAAPL|1\n', 'csv')).toThrow('commas, semicolons or tabs');
    expect(symbols('"sep=|"\nsymbol|limit\nAAPL|1\n')).toEqual(['AAPL']);
  });

  it('of pandas with its index is told of a column without a name', () => {
    expect(setOf(',symbol,limit,qty\n0,AAPL,1,1\n').warnings).toEqual([
      'unknown columns, which are ignored: one without a name',
    ]);
  });

  it('is named without its endings', () => {
    expect(strategyOf('/data/morning.csv.gz')).toBe('morning');
    expect(formatOf('morning.csv.gz', '')).toBe('csv');
    expect(formatOf('morning.jsonl.gz', '')).toBe('jsonl');
  });
});

describe('JSON as pandas writes it', () => {
  it.each(['{"columns":["symbol"],"index":[0],"data":[["AAPL"]]}', '{"symbol":{"0":"AAPL"}}'])(
    '%s is refused, and the message says how to write it',
    (text) => expect(() => readRows(text, 'json')).toThrow('to_json(orient="records")'),
  );

  it('as lists of values is refused, row by row', () => {
    expect(readRows('[["AAPL",1]]', 'json').faults[0]?.message).toContain('orient="records"');
  });

  it('may begin with a byte order mark', () => {
    expect(readRows('\uFEFF[{"symbol":"AAPL"}]', 'json').rows).toHaveLength(1);
  });
});

describe('JSON', () => {
  it.each([
    ['[{"symbol":"AAPL","pnl":NaN}]', 'it has NaN or Infinity; write null'],
    ["[{'symbol':'AAPL'}]", 'double quotes'],
    ['[{"symbol":"AAPL"},]', 'a comma before a closing bracket'],
  ])('%s is refused in words', (text, words) => {
    expect(() => readRows(text, 'json')).toThrow(words);
    const lines = readRows(text.slice(1, -1).replace(/,$/, ',}'), 'jsonl');
    expect(lines.faults[0]?.message).toContain('not valid JSON');
  });

  it('in one line names its rows', () => {
    const row = (symbol: string, limit: number | string) => ({ symbol, limit, qty: 1 });
    const text = JSON.stringify([row('AAPL', 1), row('MSFT', 'x'), row('AAPL', 2), row('MSFT', 3)]);
    const { faults, warnings, asked } = setOf(text, 'json');
    expect(faults).toEqual([{ line: 1, message: 'row 2: limit "x" is not a number' }]);
    expect(warnings).toEqual(['row 1 and row 3 both forecast AAPL buy of morning: row 3 counts']);
    // The last row of a place counts, here as in a file of lines.
    expect(asked.map(({ plan }) => `${plan.symbol} ${plan.limit}`)).toEqual(['AAPL 2', 'MSFT 3']);
  });
});

describe('the bytes of a file', () => {
  const text = 'symbol,limit\nAAPL,1\n';
  const utf16 = Buffer.from(`\uFEFF${text}`, 'utf16le');

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-16, as PowerShell and Excel write it', utf16],
    ['UTF-16 of the other order', Buffer.from(utf16).swap16()],
    ['gzip', gzipSync(text)],
  ])('in %s are read', (_name, bytes) => expect(decode(bytes, 'f.csv')).toBe(text));

  it.each([
    ['UTF-16 without its mark', utf16.subarray(2), /f\.csv: it is UTF-16 without a byte order mark/],
    [
      'a workbook',
      Buffer.from('PK\u0003\u0004'),
      /it is an Excel workbook or another archive: save it as CSV/,
    ],
    ['UTF-32', Buffer.from('\u{feff}\0'.concat([...text].join('\0')), 'utf16le'), /it is UTF-32/],
    ['Parquet', Buffer.from('PAR1\0\0'), /it is Parquet: save it as CSV/],
    ['bzip2', Buffer.from('BZh91AY'), /compressed by bzip2: unpack it/],
    ['Latin-1', Buffer.from('symbol,n\u00f6te', 'latin1'), /it is not UTF-8/],
    ['broken gzip', gzipSync(text).subarray(0, 12), /it is broken gzip/],
    ['gzip within gzip', gzipSync(gzipSync(text)), /it is compressed twice: unpack it once/],
    ['gzip of too much', gzipSync(Buffer.alloc(33 * 1024 * 1024)), /more than 32 MiB when unpacked/],
  ])('that are %s are refused, and the message says so', (_name, bytes, message) =>
    expect(() => decode(bytes, 'f.csv')).toThrow(message),
  );
});
