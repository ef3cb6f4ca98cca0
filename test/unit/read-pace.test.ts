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

/** A pace with a pause of 10 s before it. */
function busyPace(): ReadPace {
  const pace = new ReadPace();
  for (let reads = 0; reads < 1_010; reads += 1) pace.pauseAfterRead(performance.now());
  return pace;
}

it('makes no pauses while somebody is in a hurry, and ends the one that it makes', async () => {
  const pace = busyPace();
  const pausing = pace.pause(new AbortController().signal);
  const [one, another] = [pace.hurry(), pace.hurry()];
  await pausing;
  one();
  one();
  expect(pace.pauseAfterRead(performance.now())).toBe(0);
  another();
  expect(pace.pauseAfterRead(performance.now())).toBeGreaterThan(5_000);
});

it('ends a pause when its reader stops', async () => {
  const stop = new AbortController();
  const pausing = busyPace().pause(stop.signal);
  stop.abort();
  await pausing;
});
