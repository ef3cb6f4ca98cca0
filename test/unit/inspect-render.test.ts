/** Tables on a terminal: aligned, coloured by the words of the vocabulary, cut at the screen's edge. */
import { expect, it } from 'vitest';
import { colorsFor, renderSections } from '../../src/cli/inspect/render.ts';
import { widthOf } from '../../src/cli/terminal/width.ts';
import type { Section } from '../../src/inspection/reading.ts';

const TABLE: Section = {
  title: 'orders',
  head: ['ID', 'STATE', 'HELD'],
  align: 'llr',
  rows: [
    ['a', 'working', '$1.00'],
    ['bbb', 'cancelling', '$100.00'],
  ],
  importance: [1, 1, 2],
  more: 0,
};
const WIDE: Section = {
  title: 'plans: 2 of 24',
  head: ['PLAN', 'SIDE', 'PRICE', 'STAGE', 'LAST REFUSAL'],
  align: 'llrll',
  rows: [
    ['demo-58-AVAXUSD', 'buy', '37.848', 'waiting', 'too far from its limit to steal (not_close_enough)'],
    ['p2', 'sell', '1', 'holding', '-'],
  ],
  importance: [1, 4, 6, 1, 2],
  more: 22,
};
const plain = colorsFor({}, false);

/** What a person sees of a line. */
function visible(line: string): string {
  return line.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '');
}

it('aligns columns left or right and leaves nothing after the last', () => {
  expect(renderSections([TABLE], plain)).toEqual([
    'orders',
    'ID   STATE          HELD',
    'a    working       $1.00',
    'bbb  cancelling  $100.00',
  ]);
});

it('colours change what is seen in nothing', () => {
  const colored = renderSections([TABLE, TABLE], colorsFor({}, true));
  expect(colored.join('')).not.toBe(colored.map(visible).join(''));
  expect(colored.map(visible)).toEqual(renderSections([TABLE, TABLE], plain));
});

it('every line fits the screen, in colours too, and a line that is cut ends in an ellipsis', () => {
  for (let width = 1; width < 90; width += 1) {
    const lines = renderSections([TABLE, WIDE], colorsFor({}, true), width).map(visible);
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
  }
  expect(renderSections([TABLE], colorsFor({}, true), 10).map(visible)).toEqual([
    'orders',
    '… without',
    '  HELD',
    'ID   STATE',
    'a    work…',
    'bbb  canc…',
  ]);
});

it('a narrow screen drops columns by importance, and says which', () => {
  expect(renderSections([WIDE], plain, 60)).toEqual([
    'plans: 2 of 24',
    '… without PRICE',
    'PLAN             SIDE  STAGE    LAST REFUSAL',
    'demo-58-AVAXUSD  buy   waiting  too far from its limit to s…',
    'p2               sell  holding  -',
    '... 22 more',
  ]);
  expect(renderSections([WIDE], plain, 30)).toEqual([
    'plans: 2 of 24',
    '… without SIDE, PRICE, LAST',
    '  REFUSAL',
    'PLAN             STAGE',
    'demo-58-AVAXUSD  waiting',
    'p2               holding',
    '... 22 more',
  ]);
});

it('no limit of width leaves everything as it is', () => {
  expect(renderSections([WIDE], plain)[2]).toBe(
    'demo-58-AVAXUSD  buy   37.848  waiting  too far from its limit to steal (not_close_enough)',
  );
});

it('facts are wrapped under their text, sentences and titles by two blanks', () => {
  const facts: Section = {
    ...{ title: null, head: [], align: 'll', importance: [], more: 0 },
    rows: [
      ['equity', '$1.00'],
      ['stealing', 'on; policy pnl, gate 0.30 %, protection 0.40 %'],
    ],
  };
  const sentences: Section = {
    ...{ title: 'why', head: [], align: 'l', importance: [], more: 0 },
    rows: [['It waits for its price, or for room.']],
  };
  expect(renderSections([facts, sentences], plain, 30)).toEqual([
    'equity    $1.00',
    'stealing  on; policy pnl, gate',
    '          0.30 %, protection',
    '          0.40 %',
    '',
    'why',
    'It waits for its price, or for',
    '  room.',
  ]);
});

it('colours are for terminals, unless they are forced; NO_COLOR wins', () => {
  expect(colorsFor({}, false).isColorSupported).toBe(false);
  expect(colorsFor({}, true).isColorSupported).toBe(true);
  expect(colorsFor({ FORCE_COLOR: '1' }, false).isColorSupported).toBe(true);
  expect(colorsFor({ FORCE_COLOR: '1', NO_COLOR: '1' }, true).isColorSupported).toBe(false);
});
