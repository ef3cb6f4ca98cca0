/**
 * How measurements are taken. Two alternatives take turns in many short rounds, and their ratio or their
 * difference counts. So a machine that is slow, busy or changes its clock speed affects both alike.
 */
import { assert } from '../src/domain/errors.ts';

/** One round of one alternative. Resolves to its measurement; both alternatives use the same unit. */
export type Round = () => Promise<number>;

/** Of the rounds: their median, and half the distance of their quartiles. */
export type Sample = { median: number; spread: number };

/** The middle value, or the mean of the two middle ones. @throws WorkstealError `bug` without values */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

function quantile(values: readonly number[], share: number): number {
  assert(values.length > 0, 'a median needs values');
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)] ?? 0, sorted[Math.ceil(at)] ?? 0];
  return low + (high - low) * (at - Math.floor(at));
}

export function sampleOf(values: readonly number[]): Sample {
  return { median: median(values), spread: (quantile(values, 0.75) - quantile(values, 0.25)) / 2 };
}

/** The medians of both alternatives, and of the rounds' quotients a / b and differences a - b. */
export type Comparison = { a: number; b: number; ratio: Sample; difference: Sample };

/** Runs A B, B A, A B, …: `rounds` of each, after one warm-up round of each. */
export async function compare(rounds: number, a: Round, b: Round): Promise<Comparison> {
  const [as, bs] = (await takeTurns(rounds, [a, b])) as [number[], number[]];
  return {
    a: median(as),
    b: median(bs),
    ratio: sampleOf(as.map((value, at) => value / (bs[at] ?? Number.NaN))),
    difference: sampleOf(as.map((value, at) => value - (bs[at] ?? Number.NaN))),
  };
}

/** The values of each alternative; every second turn in the reverse order, after one warm-up turn. */
export async function takeTurns(rounds: number, alternatives: readonly Round[]): Promise<number[][]> {
  const values: number[][] = alternatives.map(() => []);
  const order = [...alternatives.keys()];
  for (const at of order) await alternatives[at]?.();
  for (let round = 0; round < rounds; round += 1) {
    for (const at of round % 2 === 0 ? order : order.toReversed())
      values[at]?.push((await alternatives[at]?.()) ?? Number.NaN);
  }
  return values;
}

/** Of one alternative alone. */
export async function repeat(rounds: number, round: Round): Promise<Sample> {
  const [values] = await takeTurns(rounds, [round]);
  return sampleOf(values ?? []);
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

/** Makes calls, `width` of them under way at a time; returns how many were answered in a second. */
export async function perSecond<T>(
  inputs: readonly T[],
  width: number,
  call: (input: T) => Promise<unknown>,
): Promise<number> {
  const began = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < inputs.length) {
      const input = inputs[next] as T;
      next += 1;
      await call(input);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, inputs.length) }, worker));
  return inputs.length / ((performance.now() - began) / 1_000);
}
