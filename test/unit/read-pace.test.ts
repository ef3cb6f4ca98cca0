/** Followers of the events read a busy account at a pace, and a quiet one at once. */
import { expect, it } from 'vitest';
import { ReadPace } from '../../src/ledger/read-pace.ts';

it('lets a few reads follow each other at once, then one in 10 ms, and a few again after a rest', () => {
  const pace = new ReadPace();
  const pausesAt = (ms: number, count: number): number[] =>
    Array.from({ length: count }, () => pace.pauseAfterRead(ms));
  expect(pausesAt(1_000, 12)).toEqual([...Array(10).fill(0), 10, 20]);
  expect(pace.pauseAfterRead(1_020)).toBe(10);
  expect(pausesAt(5_000, 11)).toEqual([...Array(10).fill(0), 10]);
});
