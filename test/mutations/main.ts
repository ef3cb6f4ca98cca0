/**
 * `npm run mutations`: breaks one line of a copy of the product at a time; exit 1 where the test named for it
 * does not fail (docs/reliability.md).
 */
import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { columns, padded } from '../../src/cli/table.ts';
import { seededRandom } from '../../src/prices/random.ts';
import { wholeNumber } from '../support/whole-number.ts';
import type { Mutation } from './mutation.ts';
import { search } from './search.ts';
import { MUTATIONS } from './table.ts';
import { copyTree } from './tree.ts';

type Options = { only?: RegExp; sample?: number; seed?: number; list: boolean; json: boolean };

await new Command('mutations')
  .description(
    'breaks one line of the product at a time, in a copy, and expects that the test named for it fails',
  )
  .option('--only <pattern>', 'those whose name, file or test file this regular expression matches', aPattern)
  .option('--sample <n>', 'so many of them, picked by the seed', wholeNumber(1, 10_000))
  .option('--seed <n>', 'of the sample (default: a new one)', wholeNumber(0, 2 ** 32 - 1))
  .option('--list', 'show them and run nothing', false)
  .option('--json', 'end with one JSON line', false)
  .action(run)
  .parseAsync();

async function run({ only = /^/, sample, seed = randomInt(2 ** 31), list, json }: Options): Promise<void> {
  const picked = pick(only, sample, seed);
  if (picked.length === 0) {
    process.stderr.write(`No mutation matches ${only.source}; --list shows all of them.\n`);
    process.exitCode = 1;
    return;
  }
  if (list) {
    const rows = picked.map(({ name, file, by, test = '' }) => [name, file, by, test]);
    process.stdout.write(json ? `${JSON.stringify(picked)}\n` : columns(rows));
    return;
  }
  if (sample !== undefined) process.stderr.write(`seed ${seed}\n`);
  const names = new Map(
    padded(picked.map(({ name, file }) => [name, file])).map((cells, at) => [picked[at], cells.join('  ')]),
  );
  const progress = json ? process.stderr : process.stdout;
  const tree = copyTree();
  const remove = (): void => tree.remove();
  process.once('exit', remove);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  const width = String(picked.length).length;
  let count = 0;
  const verdicts = await search(tree, picked, ({ mutation, found, what, seconds }) => {
    count += 1;
    const place = `${String(count).padStart(width)}/${picked.length}`;
    progress.write(
      `${place}  ${found ? 'found   ' : 'SURVIVED'}  ${seconds.toFixed(1).padStart(5)} s  ` +
        `${names.get(mutation)}  ${what}\n`,
    );
  });
  const found = verdicts.filter((verdict) => verdict.found).length;
  if (json) process.stdout.write(`${JSON.stringify({ seed, found, of: verdicts.length, verdicts })}\n`);
  else process.stdout.write(`${found} of ${verdicts.length} mutations were found\n`);
  if (found < verdicts.length) process.exitCode = 1;
}

function aPattern(text: string): RegExp {
  try {
    return new RegExp(text, 'i');
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function pick(only: RegExp, sample: number | undefined, seed: number): Mutation[] {
  const matching = MUTATIONS.filter(({ name, file, by }) => [name, file, by].some((text) => only.test(text)));
  if (sample === undefined) return matching;
  const random = seededRandom(seed);
  const order = matching.map((mutation) => ({ mutation, at: random.next() }));
  return order
    .sort((a, b) => a.at - b.at)
    .slice(0, sample)
    .map(({ mutation }) => mutation);
}
