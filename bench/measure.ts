/**
 * How the figures are taken: alternatives take turns in many short rounds, and only their ratios are judged,
 * so a machine that is slow, busy or changing its clock speed is so for both.
 */
import type { Redis } from 'ioredis';
import { assert } from '../src/domain/errors.ts';

/** One round of one alternative; answers its figure, all of one unit. */
export type Round = () => Promise<number>;

/** The middle value, the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  assert(values.length > 0, 'a median needs values');
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

/** Two alternatives' medians over the rounds, and the median of each round's quotient a / b. */
export type Comparison = { a: number; b: number; ratio: number };

/** A B, B A, A B, …: `rounds` of each, after one round of each that is not counted. */
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

/** p50 of calls made one after the other, in microseconds, as the caller waits for them. */
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
 * Scripts run so far on this server, and the microseconds that it spent in them: neither the network's nor
 * our own time counts.
 */
async function scriptTime(redis: Redis): Promise<{ calls: number; micros: number }> {
  let calls = 0;
  let micros = 0;
  // A connection's first call of a script is an EVAL, all others are EVALSHAs.
  for (const [, count, spent] of (await redis.info('commandstats')).matchAll(
    /cmdstat_eval(?:sha)?:calls=(\d+),usec=(\d+)/g,
  )) {
    calls += Number(count);
    micros += Number(spent);
  }
  return { calls, micros };
}

/**
 * Server time of one script, in microseconds: the mean of all that `work` runs. It must run `calls` of them
 * and nothing else.
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
    `${after.calls - before.calls} scripts ran where ${calls} were to be measured`,
  );
  return (after.micros - before.micros) / calls;
}
