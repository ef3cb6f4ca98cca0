/** Tables of commands: padded in a pipe, fitted on a terminal. */
import { expect, it } from 'vitest';
import { columns, tableText } from '../../src/cli/table.ts';

const TABLE = {
  head: ['VARIABLE', 'VALUE', 'SOURCE', 'MEANING'],
  rows: [
    ['TOLERANCE', '0.003', 'default', 'how near an order must be'],
    ['POOLS', '', 'environment', '株式と暗号'],
  ],
  importance: [1, 1, 2, 3],
};

it('in a pipe everything is there, wide characters count as two', () => {
  expect(tableText(TABLE, undefined)).toBe(
    [
      'VARIABLE   VALUE  SOURCE       MEANING',
      'TOLERANCE  0.003  default      how near an order must be',
      'POOLS             environment  株式と暗号',
      '',
    ].join('\n'),
  );
  expect(
    columns([
      ['東京', 'a'],
      ['x', 'b'],
    ]),
  ).toBe('東京  a\nx     b\n');
});

it('on a terminal the least important columns are dropped, and named', () => {
  expect(tableText(TABLE, 40)).toBe(
    [
      'VARIABLE   VALUE  SOURCE',
      'TOLERANCE  0.003  default',
      'POOLS             environment',
      '… without MEANING',
      '',
    ].join('\n'),
  );
});

it('a line that is too long all the same ends in an ellipsis', () => {
  expect(tableText(TABLE, 12).split('\n')[1]).toBe('TOLERANCE  …');
});
