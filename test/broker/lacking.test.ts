/** What the suite says of a broker without a feature: nothing is skipped silently. */
import { expect, it } from 'vitest';
import { type BrokerStage, conformanceCases, type Feature } from '../../src/broker/conformance/index.ts';

/** A broker of which only these features are known. */
const stageWith = (features: Partial<Record<Feature | 'replace', unknown>>) => async () =>
  ({ ...features, broker: { replace: features.replace }, close: async () => {} }) as unknown as BrokerStage;
const casesOf = (features: Parameters<typeof stageWith>[0], lacks: readonly Feature[]) =>
  conformanceCases(stageWith(features), { lacks });
const naming = (cases: ReturnType<typeof casesOf>, words: string) =>
  cases.filter(({ name }) => name.includes(words));

it('a case of its own names each feature that is lacking, and how many promises that concerns', async () => {
  const all = casesOf({}, []);
  const some = casesOf({}, ['nextReplace', 'change']);
  const [replace, ...more] = naming(some, 'nextReplace');
  expect(more).toEqual([]);
  expect(replace?.name).toBe('the adapter asks for no replacements (nextReplace): 8 promises do not apply');
  expect(naming(some, '(change)')).toHaveLength(1);
  expect(some).toHaveLength(all.length - 8 - 2 + 2);
  await replace?.run();
});

it('that case fails where the broker has the feature after all', async () => {
  for (const features of [{ nextReplace: () => {} }, { replace: () => {} }]) {
    const [replace] = naming(casesOf(features, ['nextReplace']), 'nextReplace');
    await expect(replace?.run()).rejects.toThrow(/it has one: try the promises, without `lacks`/);
  }
});

it('a promise fails where its feature is missing and nobody said so', async () => {
  const [replacement] = naming(casesOf({}, []), 'a replacement is confirmed');
  await expect(replacement?.run()).rejects.toThrow(
    /the stage has no nextReplace: add it, or name it in `lacks`/,
  );
});
