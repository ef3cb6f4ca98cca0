import { expect, it } from 'vitest';
import { Seldom } from '../../src/watcher/seldom.ts';

it('tells a text once per interval, and another one at once', () => {
  let nowMs = 0;
  const seldom = new Seldom(1_000, () => nowMs);
  expect(['a', 'a', 'b'].map((text) => seldom.isDue(text))).toEqual([true, false, true]);
  nowMs = 999;
  expect(seldom.isDue('a')).toBe(false);
  nowMs = 1_000;
  expect([seldom.isDue('a'), seldom.isDue('a')]).toEqual([true, false]);
});
