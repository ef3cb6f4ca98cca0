/** What a steal came to, as the page says it. */
import { expect, it } from 'vitest';
import type { StealRow } from '../../src/json/live.ts';
import { cameTo, cameToWords } from '../../src/page/words/steal-words.ts';

const steal = (regret: string | null, gain: string | null, watch: StealRow['watch'] = 'on'): StealRow =>
  ({ regret, gain, watch }) as StealRow;

it.each([
  ['nothing so far', steal('0', '0'), undefined],
  ['hundreds', steal('99.99', '1281.6'), { text: '+1,282 −99.99', isFinal: false }],
  ['nothing in the end', steal('0', '0', 'over'), { text: '0', isFinal: true }],
  ['a gain', steal('0', '12'), { text: '+12.00', isFinal: false }],
  ['both', steal('5', '12.345', 'over'), { text: '+12.35 −5.00', isFinal: true }],
  ['the regret of a forecast below 0', steal('-3', '0'), { text: '+3.00', isFinal: false }],
  ['what was lost with the ledger', steal('5', '0', 'lost'), { text: '−5.00', isFinal: true }],
  ['no watch', steal(null, null, null), undefined],
])('%s', (_, row, told) => expect(cameTo(row)).toEqual(told));

it('says whether it may change', () => {
  expect(cameToWords(steal('5', '12'))).toBe('So far it came to gain 12.00, regret 5.00; both may change.');
  expect(cameToWords(steal('5', '12', 'over'))).toBe('It came to gain 12.00, regret 5.00.');
  expect(cameToWords(steal('5', '0', 'lost'))).toMatch(/until the ledger was damaged/);
  expect(cameToWords(steal(null, null, null))).toMatch(/Nobody watches/);
});
