/**
 * Texts of forecasts as rows: formats, names of columns, lines, and what is refused without stopping the
 * rest.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldNamed } from '../../src/planner/forecasts/fields.ts';
import { formatOf, readRows } from '../../src/planner/forecasts/read-rows.ts';
import { MAX_LINE, MAX_ROWS } from '../../src/planner/forecasts/rows.ts';
import { strategyOf } from '../../src/planner/forecasts/run.ts';

describe('names of columns', () => {
  it.each([
    ...[
      ['qty', 'quantity'] as const,
      ['Quantity', 'quantity'] as const,
      ['forecasted_pnl', 'pnl'] as const,
      ['PnL', 'pnl'] as const,
    ],
    ...[
      ['takeProfit', 'take_profit'] as const,
      ['Take-Profit', 'take_profit'] as const,
      ['TAKE_PROFIT', 'take_profit'] as const,
    ],
    ...[
      ['expires', 'expiry'] as const,
      ['expires_at', 'expiry'] as const,
      ['Limit Price', 'limit'] as const,
      ['Ticker', 'symbol'] as const,
    ],
  ])('%s means %s', (name, field) => expect(fieldNamed(name)).toBe(field));

  it('that mean nothing are told once', () => {
    const { rows, unknownColumns } = readRows('symbol,colour,limit\nAAPL,red,1\nMSFT,blue,2\n', 'csv');
    expect(unknownColumns).toEqual(['colour']);
    expect(rows[1]).toEqual({ line: 3, values: { symbol: 'MSFT', limit: '2' } });
    expect(readRows('{"symbol":"A","x":1}\n{"symbol":"B","x":2,"y":3}', 'jsonl').unknownColumns).toEqual([
      'x',
      'y',
    ]);
  });

  it.each([
    ['limit,qty\n1,2\n', /no column "symbol"/],
    ['symbol,qty,quantity\nA,1,2\n', /"qty" and "quantity" both mean quantity/],
  ])('%j is refused as a whole', (text, message) => expect(() => readRows(text, 'csv')).toThrow(message));
});

describe('CSV', () => {
  it('takes a byte order mark, Windows line ends, blanks, quotes, and short rows', () => {
    const { rows, faults } = readRows(
      '\uFEFFsymbol, limit ,qty\r\n\r\n "AAPL" , 230.1 ,5\r\nMSFT,1\r\n',
      'csv',
    );
    expect(faults).toEqual([]);
    expect(rows).toEqual([
      { line: 3, values: { symbol: 'AAPL', limit: '230.1', quantity: '5' } },
      { line: 4, values: { symbol: 'MSFT', limit: '1' } },
    ]);
  });

  it.each([[';'], ['\t']])('separated by %j is read, too', (separator) => {
    const text = `symbol,limit\nAAPL,1\n`.replaceAll(',', separator);
    expect(readRows(text, 'csv').rows).toEqual([{ line: 2, values: { symbol: 'AAPL', limit: '1' } }]);
  });

  it('a row that cannot be read is told with its line, and the others go on', () => {
    const long = 'x'.repeat(MAX_LINE);
    const { rows, faults } = readRows(
      `symbol,limit\n"AAPL,1\nMSFT,1,2,3\nNVDA,1\nAMD,${long}\nINTC,3`,
      'csv',
    );
    expect(rows.map(({ line, values }) => [line, values.symbol])).toEqual([
      [4, 'NVDA'],
      [6, 'INTC'],
    ]);
    expect(faults.map(({ line }) => line)).toEqual([2, 3, 5]);
    expect(faults[1]?.message).toContain('4 cells, but only 2 columns');
    expect(faults[2]?.message).toContain('at most 10000');
  });
});

describe('JSON', () => {
  const expected = [
    { line: 3, values: { symbol: 'AAPL', limit: '0.00000001', quantity: '5' } },
    { line: 7, values: { symbol: 'MSFT' } },
  ];
  const list = `[
    17,
    {"symbol": "AAPL", "limit": 1e-8, "qty": 5,
     "pnl": null},
    {"symbol": "x]},[{", "limit": [1]}, "text",

    {"symbol": " MSFT "}
  ]`;

  it('a list of objects gives each with the line it begins at', () => {
    const { rows, faults } = readRows(list, 'json');
    expect(rows).toEqual(expected);
    expect(faults.map(({ line }) => line)).toEqual([2, 5, 5]);
    expect(faults[1]?.message).toBe('row 3: limit is neither text nor a number');
  });

  it('an object whose "forecasts" is the list is the same', () => {
    expect(readRows(`{"at": [1], "forecasts": ${list}}`, 'json').rows).toEqual(expected);
  });

  it('an object a line gives each with its line', () => {
    const { rows, faults } = readRows(
      '{"symbol":"AAPL","qty":5}\n\n{"symbol":"MSF\n[1]\n{"qty":1,"quantity":2}\n{"symbol":"AMD"}',
      'jsonl',
    );
    expect(rows.map(({ line }) => line)).toEqual([1, 6]);
    expect(faults.map(({ line }) => line)).toEqual([3, 4, 5]);
  });

  it.each(['{"a":', '{"rows": []}', '"text"'])('%s is refused as a whole', (text) => {
    expect(() => readRows(text, 'json')).toThrow(/not (valid JSON|a list)/);
  });

  it('finds the line of every element however the list is written', () => {
    const values = fc.array(fc.record({ symbol: fc.string(), side: fc.string(), mode: fc.string() }), {
      maxLength: 8,
    });
    fc.assert(
      fc.property(values, fc.constantFrom(0, 1, 2), (rows, indent) => {
        const text = JSON.stringify(rows, undefined, indent);
        const lines = text.split('\n');
        const starts = lines.flatMap((line, at) => (line === `${' '.repeat(indent)}{` ? [at + 1] : []));
        const expected = indent === 0 ? rows.map(() => 1) : starts;
        const read = readRows(text, 'json');
        expect(read.rows.map(({ line }) => line)).toEqual(expected);
      }),
    );
  });
});

describe('a text of forecasts', () => {
  it.each([
    ...[['f.csv', '{', 'csv'] as const, ['f.JSON', '', 'json'] as const, ['f.ndjson', '', 'jsonl'] as const],
    ...[
      ['-', ' [{}]', 'json'] as const,
      ['-', '{}', 'jsonl'] as const,
      ['plans.txt', 'symbol,limit', 'csv'] as const,
    ],
  ])('%s that begins with %j is %s', (name, text, format) => expect(formatOf(name, text)).toBe(format));

  it('of too many rows is refused as a whole', () => {
    const text = `symbol\n${'A\n'.repeat(MAX_ROWS)}`;
    expect(readRows(text, 'csv').rows).toHaveLength(MAX_ROWS);
    expect(() => readRows(`${text}B\n`, 'csv')).toThrow(/100001 rows; at most 100000/);
  });

  // The generator of binary strings alone takes seconds to begin.
  it('whatever it holds is read or refused, never worse', { timeout: 180_000 }, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('csv', 'json', 'jsonl'), (text, format) => {
        try {
          const { rows, faults } = readRows(format === 'csv' ? `symbol,limit\n${text}` : text, format);
          expect(rows.length + faults.length).toBeLessThanOrEqual(text.split(/[\r\n]/).length + 1);
        } catch (error) {
          expect(error).toMatchObject({ code: 'invalid' });
        }
      }),
    );
  });

  it.each([
    ...[
      ['/data/morning run.csv', 'morning-run'],
      ['-', 'stdin'],
      ['momentum.v2.jsonl', 'momentum-v2'],
      ['….csv', 'forecasts'],
    ],
    ['x'.repeat(50), 'x'.repeat(32)],
  ])('%s is of the strategy %s', (source, strategy) => expect(strategyOf(source)).toBe(strategy));
});
