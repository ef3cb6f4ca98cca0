/** A folder of bars as a market. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outliersOf } from '../../../src/evidence/outliers.ts';
import { readMarket } from '../../../src/evidence/read-market.ts';

const HEADER = 'timestamp,open,high,low,close,volume';
const LIMITS = `${HEADER},pred_high,pred_low,pred_close,buy_limit,sell_limit,buy_amount,sell_amount`;
const at = (time: string): number => Date.parse(`2026-01-20T${time}Z`);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-market-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function csv(name: string, ...rows: string[]): void {
  const text = `${rows.join('\n')}\n`;
  writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text);
}

it('has a symbol for each file, with hours and whether it is a crypto', () => {
  csv('BTCUSD.csv', HEADER, '2026-01-20T10:00:00Z,100,130,90,120,1', '2026-01-20T11:00:00Z,,140,110,115,1');
  csv('AAPL.csv.gz', HEADER, '2026-01-20T14:30:00Z,10,12,9,11.5,1');
  expect(readMarket(folder)).toEqual({
    unusable: 0,
    market: {
      symbols: [
        {
          symbol: 'AAPL',
          crypto: false,
          bars: [{ startMs: at('14:30:00'), open: 10, high: 12, low: 9, close: 11.5 }],
        },
        {
          symbol: 'BTCUSD',
          crypto: true,
          bars: [
            { startMs: at('10:00:00'), open: 100, high: 130, low: 90, close: 120 },
            { startMs: at('11:00:00'), open: 120, high: 140, low: 110, close: 115 },
          ],
        },
      ],
    },
  });
});

it('has the plan of each row, by the names of the columns; a row without profit is none', () => {
  csv(
    'BTCUSD.csv',
    'sell_limit,buy_limit,timestamp,high,low,close,open',
    '131,110.5,2026-01-20T10:00:00Z,130,90,120,100',
    ',,2026-01-20T11:00:00Z,130,90,120,100',
    '110,110,2026-01-20T12:00:00Z,130,90,120,100',
  );
  const { market, unusable } = readMarket(folder);
  expect(market.symbols[0]?.limits).toEqual([{ limit: 110.5, target: 131 }, undefined, undefined]);
  expect(unusable).toBe(1);
});

it('has the size of each plan, percent of the equity, where the row says it', () => {
  const header = 'timestamp,high,low,close,buy_limit,sell_limit,buy_amount';
  const row = (hour: number, amount: string): string =>
    `2026-01-20T${hour}:00:00Z,130,90,120,110,131,${amount}`;
  csv('BTCUSD.csv', header, row(10, '41.5'), row(11, '0'), row(12, ''));
  expect(readMarket(folder).market.symbols[0]?.limits).toEqual([
    { limit: 110, target: 131, share: 0.415 },
    { limit: 110, target: 131, share: 0 },
    { limit: 110, target: 131 },
  ]);
  csv('BTCUSD.csv', header, row(10, '-1'));
  expect(() => readMarket(folder)).toThrow(
    /BTCUSD\.csv: the row of 2026-01-20T10:00:00\.000Z: buy_amount "-1" is not from 0 to 10000, percent/,
  );
});

it('takes minutes as they are: hours with the price at the end of each minute', () => {
  csv(
    'BTCUSD.csv',
    LIMITS,
    '2026-01-20T10:00:00Z,100,101,99,100.5,1,,,,,,,',
    '2026-01-20T10:01:00Z,100.5,104,100,103,1,,,,,,,',
    '2026-01-20T10:58:00Z,103,103,98,98.5,1,,,,95,105,,',
    '2026-01-20T11:00:00Z,98,99,97,98,1,,,,,,,',
  );
  const [btc] = readMarket(folder).market.symbols;
  expect(btc?.bars).toEqual([
    { startMs: at('10:00:00'), open: 100, high: 104, low: 98, close: 98.5 },
    { startMs: at('11:00:00'), open: 98, high: 99, low: 97, close: 98 },
  ]);
  const path = Array.from(btc?.minutes?.[0] ?? []);
  expect(path).toHaveLength(60);
  expect([path[0], path[1], path[2], path[57], path[58], path[59]]).toEqual([
    100.5, 103, 103, 103, 98.5, 98.5,
  ]);
  expect(btc?.limits).toEqual([{ limit: 95, target: 105 }, undefined]);
});

describe('what it refuses', () => {
  it.each([
    [
      'a malformed row',
      '2026-01-20T11:00:00Z,1,x,1,1,1',
      /BTCUSD\.csv, line 3: high "x" is not a price; correct/,
    ],
    [
      'an open that is none',
      '2026-01-20T11:00:00Z,?,1,1,1,1',
      /BTCUSD\.csv, line 3: open "\?" is not a price; correct/,
    ],
    [
      'a row out of order',
      '2026-01-20T09:00:00Z,1,1,1,1,1',
      /line 3: timestamp .* is not after the row before/,
    ],
    [
      'bars that are neither hours nor minutes',
      '2026-01-20T10:05:00Z,1,1,1,1,1',
      /BTCUSD\.csv: the row of 2026-01-20T10:05:00.000Z is 300 s behind .*; give bars of an hour, or/,
    ],
    [
      'a row a minute behind another among hours',
      ['10:01', '11:00', '12:00', '13:00'].map((at) => `2026-01-20T${at}:00Z,1,1,1,1,1`).join('\n'),
      /BTCUSD\.csv: the row of 2026-01-20T10:01:00.000Z is 60 s behind .*; give bars of an hour, or/,
    ],
    [
      'bars of three hours',
      '2026-01-20T13:00:00Z,1,1,1,1,1\n2026-01-20T16:00:00Z,1,1,1,1,1',
      /BTCUSD\.csv: no two rows are an hour apart, the nearest are 3 hours apart; give bars of an hour, or/,
    ],
  ])('%s', (_what, row, message) => {
    csv('BTCUSD.csv', HEADER, '2026-01-20T10:00:00Z,1,1,1,1,1', row);
    expect(() => readMarket(folder)).toThrow(message);
  });

  it('a file without a column, by the columns that it has', () => {
    csv('KO.csv', 'timestamp,open,low,close', '2026-01-20T10:00:00Z,1,1,1');
    expect(() => readMarket(folder)).toThrow(
      /KO\.csv, line 1: there is no column high; there are timestamp, open, low, close$/,
    );
  });

  it('an empty file, a symbol twice, a folder without a file', () => {
    expect(() => readMarket(folder)).toThrow(/holds no \*\.csv/);
    csv('BTCUSD.csv', HEADER);
    expect(() => readMarket(folder)).toThrow(/BTCUSD\.csv: it has no row; remove the file/);
    csv('BTCUSD.csv', HEADER, '2026-01-20T10:00:00Z,1,1,1,1,1');
    csv('BTCUSD.csv.gz', HEADER, '2026-01-20T10:00:00Z,1,1,1,1,1');
    expect(() => readMarket(folder)).toThrow(/BTCUSD has another file in this folder; keep one/);
  });
});

it('forecasts beyond a bound are named, the highest first', () => {
  csv(
    'BTCUSD.csv',
    LIMITS,
    '2026-01-20T10:00:00Z,,130,90,120,1,,,,100,104,,',
    '2026-01-20T11:00:00Z,,130,90,120,1,,,,100,120,,',
    '2026-01-20T12:00:00Z,,130,90,120,1,,,,100,180,,',
  );
  expect(outliersOf(readMarket(folder).market, 0.05)).toEqual({
    plans: 3,
    above: 2,
    worst: [
      { symbol: 'BTCUSD', atMs: at('12:00:00'), forecast: 0.8 },
      { symbol: 'BTCUSD', atMs: at('11:00:00'), forecast: 0.19999999999999996 },
    ],
  });
});
