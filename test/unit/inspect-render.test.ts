/** Tables on a terminal: aligned, coloured by the words of the vocabulary, cut at the screen's edge. */
import { expect, it } from 'vitest';
import type { Section } from '../../src/cli/inspect/reading.ts';
import { colorsFor, renderSections } from '../../src/cli/inspect/render.ts';

const TABLE: Section = {
  title: 'orders',
  head: ['ID', 'STATE', 'HELD'],
  align: 'llr',
  rows: [
    ['a', 'working', '$1.00'],
    ['bbb', 'cancelling', '$100.00'],
  ],
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

it('is cut at the width of the screen, in colours too', () => {
  for (let width = 1; width < 30; width += 1) {
    const lines = renderSections([TABLE], colorsFor({}, true), width).map(visible);
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
    expect(lines[3]).toBe('bbb  cancelling  $100.00'.slice(0, width));
  }
});

it('colours are for terminals, unless they are forced; NO_COLOR wins', () => {
  expect(colorsFor({}, false).isColorSupported).toBe(false);
  expect(colorsFor({}, true).isColorSupported).toBe(true);
  expect(colorsFor({ FORCE_COLOR: '1' }, false).isColorSupported).toBe(true);
  expect(colorsFor({ FORCE_COLOR: '1', NO_COLOR: '1' }, true).isColorSupported).toBe(false);
});
