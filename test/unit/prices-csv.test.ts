import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromNanos } from '../../src/domain/decimal.ts';
import { CsvReplay } from '../../src/prices/csv-replay.ts';
import { readForecasts } from '../../src/prices/forecasts.ts';

const HEADER = 'timestamp,open,high,low,close,volume';
const FORECAST_HEADER = `${HEADER},pred_high,pred_low,pred_close,buy_limit,sell_limit,buy_amount,sell_amount`;
const at = (time: string) => Date.parse(`2026-01-20T${time}Z`);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-prices-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function csv(name: string, ...rows: string[]): void {
  const text = `${rows.join('\n')}\n`;
  writeFileSync(join(folder, name), name.endsWith('.gz') ? gzipSync(text) : text);
}

function priceOf(market: CsvReplay, symbol: string): string | undefined {
  const price = market.price(symbol);
  return price && fromNanos(price.priceNanos);
}

describe('A replay', () => {
  it('walks a rising bar from open to low to high to close, in straight lines', () => {
    csv('BTCUSD.csv', HEADER, '2026-01-20T10:00:00Z,100,130,90,120,1');
    const market = CsvReplay.fromFolder(folder);
    const walked = ['10:00:00', '10:10:00', '10:20:00', '10:30:00', '10:40:00', '10:50:00', '11:00:00'].map(
      (time) => {
        market.advance(at(time));
        return priceOf(market, 'BTCUSD');
      },
    );
    expect(walked).toEqual(['100', '95', '90', '110', '130', '125', '120']);
  });

  it('walks a falling bar by its high first', () => {
    csv('BTCUSD.csv', HEADER, '2026-01-20T10:00:00Z,100,130,90,95,1');
    const market = CsvReplay.fromFolder(folder);
    expect(market.advance(at('11:00:00')).map(({ priceNanos }) => fromNanos(priceNanos))).toEqual([
      '130',
      '90',
      '95',
    ]);
  });

  it('skips no extreme over any advance, and gives the steps of all symbols in time order', () => {
    csv(
      'BTCUSD.csv',
      HEADER,
      '2026-01-20T10:00:00Z,100,130,90,120,1',
      '2026-01-20T11:00:00Z,120,140,110,115,1',
    );
    csv('AAPL.csv.gz', HEADER, '2026-01-20T10:30:00Z,10,12,9,11,1');
    const market = CsvReplay.fromFolder(folder);
    const steps = market.advance(at('23:00:00'));
    expect(steps.map(({ atMs }) => atMs)).toEqual(steps.map(({ atMs }) => atMs).sort((a, b) => a - b));
    const bitcoin = steps
      .filter(({ symbol }) => symbol === 'BTCUSD')
      .map(({ priceNanos }) => fromNanos(priceNanos));
    expect(bitcoin).toEqual(['90', '130', '120', '140', '110', '115']);
    expect(market.symbols()).toEqual([
      { symbol: 'AAPL', assetClass: 'stock' },
      { symbol: 'BTCUSD', assetClass: 'crypto' },
    ]);
  });

  it('takes the previous close for an empty open, within the bar', () => {
    csv(
      'BTCUSD.csv',
      HEADER,
      '2026-01-20T10:00:00Z,,110,90,100,1',
      '2026-01-20T11:00:00Z,,108,98,106,1',
      '2026-01-20T12:00:00Z,,104,101,102,1',
    );
    const market = CsvReplay.fromFolder(folder);
    expect(priceOf(market, 'BTCUSD')).toBe('100');
    market.advance(at('11:00:00'));
    expect(priceOf(market, 'BTCUSD')).toBe('100');
    market.advance(at('12:00:00'));
    expect(priceOf(market, 'BTCUSD')).toBe('104'); // 106 is above this bar's high
  });

  it('lets a price grow old between bars', () => {
    csv('AAPL.csv', HEADER, '2026-01-20T20:00:00Z,10,12,9,11,1', '2026-01-21T14:00:00Z,20,22,19,21,1');
    const market = CsvReplay.fromFolder(folder);
    expect(market.advance(at('23:00:00')).at(-1)).toMatchObject({ atMs: at('21:00:00') });
    expect(market.price('AAPL')).toEqual({ priceNanos: 11_000_000_000n, atMs: at('21:00:00') });
    expect(market.advance(at('23:30:00'))).toEqual([]);
  });

  it('has no price before the first bar, and can begin in the middle', () => {
    csv('AAPL.csv', HEADER, '2026-01-20T20:00:00Z,10,12,9,11,1');
    csv('BTCUSD.csv', HEADER, '2026-01-20T10:00:00Z,100,130,90,120,1');
    expect(CsvReplay.fromFolder(folder).price('AAPL')).toBeUndefined();
    expect(priceOf(CsvReplay.fromFolder(folder, at('10:40:00')), 'BTCUSD')).toBe('130');
  });

  it.each([
    [
      'a price that is none',
      '2026-01-20T10:00:00Z,1,x,1,1,1',
      /BTCUSD\.csv, line 3: high "x" is not a price/,
    ],
    ['a time without a zone', '2026-01-20 10:00,1,1,1,1,1', /line 3: timestamp ".*" is not an ISO time/],
    [
      'a time that goes back',
      '2026-01-20T08:00:00Z,1,1,1,1,1',
      /line 3: timestamp .* is not after the row before/,
    ],
    ['a low above the high', '2026-01-20T10:00:00Z,1,1,2,1,1', /line 3: low 2, close 1, high 1/],
    ['a missing column', '2026-01-20T10:00:00Z,1,1', /BTCUSD\.csv.*3/],
  ])('refuses %s, naming file and line', (_name, row, message) => {
    csv('BTCUSD.csv', HEADER, '2026-01-20T09:00:00Z,1,1,1,1,1', row);
    expect(() => CsvReplay.fromFolder(folder)).toThrow(message);
  });

  it('refuses a folder without data', () => {
    expect(() => CsvReplay.fromFolder(folder)).toThrow(/holds no \*\.csv/);
    expect(() => CsvReplay.fromFolder(join(folder, 'nowhere'))).toThrow(/can't be read \(there is no such/);
  });
});

describe('The forecasts of a folder', () => {
  it('may be used from the end of their bar to the end of the next, in order of time', () => {
    csv(
      'BTCUSD.csv',
      FORECAST_HEADER,
      '2026-01-20T10:00:00Z,,130,90,120,1,,,,110.1234567891,131,1,1',
      '2026-01-20T11:00:00Z,,130,90,120,1,,,,,,,',
    );
    csv(
      'AAPL.csv.gz',
      FORECAST_HEADER,
      '2026-01-20T09:00:00Z,,13,9,12,1,,,,10,12.5,1,1',
      '2026-01-20T10:00:00Z,,13,9,12,1,,,,10.5,12,1,1',
    );
    expect(
      [...readForecasts(folder)].map(({ symbol, atMs, untilMs, buyLimit, sellLimit, close }) => [
        symbol,
        atMs,
        untilMs,
        buyLimit,
        sellLimit,
        close,
      ]),
    ).toEqual([
      ['AAPL', at('10:00:00'), at('11:00:00'), '10', '12.5', '12'],
      ['AAPL', at('11:00:00'), at('12:00:00'), '10.5', '12', '12'],
      ['BTCUSD', at('11:00:00'), at('12:00:00'), '110.123456789', '131', '120'],
    ]);
  });
});
