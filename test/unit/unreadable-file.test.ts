/** The refusal of a file that can't be read stays readable whatever its name is. */
import { expect, it } from 'vitest';
import { readText } from '../../src/cli/decide/read.ts';
import { WorkstealError } from '../../src/domain/errors.ts';
import { readText as readForecasts } from '../../src/planner/forecasts/read-source.ts';

const refusalOf = async (read: () => unknown): Promise<WorkstealError> => {
  try {
    await read();
  } catch (error) {
    if (error instanceof WorkstealError) return error;
  }
  throw new Error('it was not refused');
};

it.each([
  ['decide', readText],
  ['plan', readForecasts],
])('%s: a name of 5,000 characters is cut in the message and its details', async (_name, read) => {
  const refusal = await refusalOf(() => read('a'.repeat(5_000)));
  expect(refusal.message).toMatch(/^a{997}\.\.\.: cannot be read \(its name is too long\)$/);
  expect(JSON.stringify(refusal.details).length).toBeLessThan(1_100);
});

it('a name with control characters reaches no terminal as it is', async () => {
  const refusal = await refusalOf(() => readText('a\u001b[2Jb'));
  expect(refusal.message).toBe('a?[2Jb: cannot be read (there is no such file or folder)');
});
