/**
 * `npm run spec`: model-checks the steal protocol (README.md). Exits with 1 if the protocol does not hold, if
 * a broken protocol violates nothing, if a search did not end, or if spin or a compiler is missing.
 */
import { parseArgs } from 'node:util';
import { columns } from '../src/cli/table.ts';
import { CONFIGURATIONS, type Configuration, DEEP } from './configurations.ts';
import { type Found, missingPrograms, search } from './search.ts';

const HELP = `npm run spec -- [--deep] [--only NAME] [--trail NAME] [--json]
  --deep        also runs the larger configurations: takes minutes, and some GB of memory
  --only NAME   runs this configuration alone
  --trail NAME  runs this configuration, and prints its shortest counterexample step by step
  --json        prints the results as one JSON object
`;
const PARALLEL_SEARCHES = 2;
const LIMIT_MS = 240_000;
const DEEP_LIMIT_MS = 1_800_000;

type Result = Configuration & Found & { surprise: boolean };

async function main(args: string[]): Promise<void> {
  const flag = { type: 'boolean', default: false } as const;
  const name = { type: 'string' } as const;
  const { values: options } = parseArgs({
    args,
    options: { deep: flag, json: flag, help: flag, only: name, trail: name },
  });
  if (options.help) return write(HELP);
  const missing = await missingPrograms();
  if (missing.length > 0) return refuse(`missing programs, install them first: ${missing.join(', ')}`);
  const wanted = options.trail ?? options.only;
  const all = options.deep || wanted !== undefined ? [...CONFIGURATIONS, ...DEEP] : CONFIGURATIONS;
  const chosen = wanted === undefined ? all : all.filter((one) => one.name === wanted);
  if (chosen.length === 0)
    return refuse(
      `there is no configuration "${wanted}"; choose one of: ${all.map((one) => one.name).join(', ')}`,
    );

  const startedMs = performance.now();
  const trail = options.trail === undefined ? {} : { onTrail: write };
  const results = await searchAll(chosen, { limitMs: options.deep ? DEEP_LIMIT_MS : LIMIT_MS, ...trail });
  const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
  const surprises = results.filter(({ surprise }) => surprise);
  write(
    options.json
      ? `${JSON.stringify({ configurations: results, surprises: surprises.length, seconds })}\n`
      : report(results, seconds),
  );
  if (surprises.length > 0) process.exitCode = 1;
}

async function searchAll(
  chosen: readonly Configuration[],
  options: Parameters<typeof search>[1],
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = [...chosen.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [at, configuration] = next;
      const found = await search(configuration, options);
      results[at] = { ...configuration, ...found, surprise: found.verdict !== configuration.expect };
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_SEARCHES }, work));
  return results;
}

function report(results: readonly Result[], seconds: number): string {
  const rows = results.map((one) => [
    one.name,
    one.property,
    String(one.states),
    String(one.depth),
    one.seconds.toFixed(2),
    one.surprise ? `${one.verdict.toUpperCase()}, expected: ${one.expect}` : one.verdict,
    one.fault === '' ? one.says : one.fault,
  ]);
  const table = columns(
    [['configuration', 'property', 'states', 'depth', 'seconds', 'result', ''], ...rows],
    'llrrrll',
  );
  const surprises = results.filter(({ surprise }) => surprise).length;
  return (
    `${table}${results.length} searches in ${seconds} s, ${surprises} ` +
    `${surprises === 1 ? 'surprise' : 'surprises'}\n`
  );
}

function write(text: string): void {
  process.stdout.write(text);
}

function refuse(message: string): void {
  process.stderr.write(`spec: ${message}\n`);
  process.exitCode = 1;
}

await main(process.argv.slice(2));
