/** Values of a wrong type or range, as they come from JSON, arithmetic or a wrong variable. */
import type { Chance } from './chance.ts';
import { spoilText } from './spoil.ts';

const ODD: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => true,
  () => false,
  () => Number.NaN,
  () => Number.POSITIVE_INFINITY,
  () => Number.NEGATIVE_INFINITY,
  () => -1,
  () => -0,
  () => 1.5,
  () => 1e21,
  () => 5e-324,
  () => 2 ** 53,
  () => 10n ** 20n,
  () => [],
  () => ['a', 'b'],
  () => [['a', 'b'], 'c'],
  () => ({}),
  () => ({ toString: () => 'x' }),
  () => Object.create(null) as unknown,
  () => new Date(0),
  () => new Map([['a', 'b']]),
  () => () => 'x',
  () => Buffer.from('x'),
];

/** Half of them spoiled texts, half no texts at all. */
export function oddValue(value: unknown, chance: Chance): unknown {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return chance.once(2) ? spoilText(text, chance) : chance.pick(ODD)();
}

/** A copy in which one leaf, now and then some, is odd. */
export function spoilLeaves<T>(value: T, chance: Chance): T {
  const copy = structuredClone(value);
  const leaves = leavesOf(copy);
  const spoilAt = ({ holder, name }: Leaf): void => {
    holder[name] = oddValue(holder[name], chance);
  };
  spoilAt(chance.pick(leaves));
  if (chance.once(8)) for (const leaf of leaves) if (chance.once(3)) spoilAt(leaf);
  return copy;
}

type Leaf = { holder: Record<string, unknown>; name: string };

function leavesOf(value: unknown): Leaf[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((name) => {
    const inner = leavesOf(holder[name]);
    return inner.length > 0 ? inner : [{ holder, name }];
  });
}
