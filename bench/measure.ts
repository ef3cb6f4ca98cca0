/**
 * How measurements are taken. Two alternatives take turns in many short rounds, and only their ratios count.
 * So a machine that is slow, busy or changes its clock speed affects both alike.
 */
import type { Redis } from 'ioredis';
import { assert } from '../src/domain/errors.ts';

/** One round of one alternative. Resolves to its measurement; both alternatives use the same unit. */
export type Round = () => Promise<number>;

/** The middle value, or the mean of the two middle ones. @throws WorkstealError `bug` without values */
export function median(values: readonly number[]): number {
  assert(values.length > 0, 'a median needs values');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** The medians of both alternatives over the rounds, and the median of the rounds' quotients a / b. */
export type Comparison = { a: number; b: number; ratio: number };

/** Runs A B, B A, A B, …: `rounds` of each, after one warm-up round of each. */
export async function compare(rounds: number, a: Round, b: Round): Promise<Comparison> {
  await a();
  await b();
  const as: number[] = [];
  const bs: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) as.push(await a());
    bs.push(await b());
    if (round % 2 === 1) as.push(await a());
  }
  return {
    a: median(as),
    b: median(bs),
    ratio: median(as.map((value, at) => value / (bs[at] ?? Number.NaN))),
  };
}

/** Makes calls one after the other; returns the p50 of the caller's waiting time in microseconds. */
export async function serialMicros<T>(
  inputs: readonly T[],
  call: (input: T) => Promise<unknown>,
): Promise<number> {
  const waits: number[] = [];
  for (const input of inputs) {
    const began = performance.now();
    await call(input);
    waits.push((performance.now() - began) * 1_000);
  }
  return median(waits);
}

/**
 * How many scripts this server has run so far, and the microseconds that it spent in them. Time on the
 * network and in this process is not included.
 */
async function scriptTime(redis: Redis): Promise<{ calls: number; micros: number }> {
  let calls = 0;
  let micros = 0;
  // The first call of a script on a connection is an EVAL, later ones are EVALSHAs.
  for (const [, count, spent] of (await redis.info('commandstats')).matchAll(
    /cmdstat_(?:eval(?:sha)?|fcall):calls=(\d+),usec=(\d+)/g,
  )) {
    calls += Number(count);
    micros += Number(spent);
  }
  return { calls, micros };
}

/**
 * Mean server time per script in microseconds, over all scripts that `work` runs. It must run exactly `calls`
 * scripts.
 */
export async function serverMicros(
  redis: Redis,
  calls: number,
  work: () => Promise<unknown>,
): Promise<number> {
  const before = await scriptTime(redis);
  await work();
  const after = await scriptTime(redis);
  assert(
    after.calls - before.calls === calls,
    `${after.calls - before.calls} scripts ran, but ${calls} should have been measured`,
  );
  return (after.micros - before.micros) / calls;
}
