/**
 * `npm run bench`: measures the product's own code on an embedded Redis, and compares the figures with their
 * targets. Exits with 0 even if a target is missed; with --check, it exits with 1 where a figure is worse
 * than the accepted one.
 */
import { parseArgs } from 'node:util';
import { accept, complaints } from './accepted.ts';
import { describeMachine, type Machine, machineText } from './machine.ts';
import type { Measure } from './measure-type.ts';
import { MEASURES } from './measures.ts';
import { markdown, type Target, table } from './report.ts';
import { openStage } from './stage.ts';

const GUARDED = MEASURES.filter(({ isGuarded }) => isGuarded)
  .map(({ name }) => name)
  .join(' or ');
const HELP = `npm run bench -- [--quick] [--only NAME[,NAME...]] [--check] [--accept]
                     [--markdown] [--json]
  --quick  fewer rounds and smaller books, within a minute
  --only   these measures alone: ${MEASURES.map(({ name }) => name).join(', ')}
  --check  exit 1 where a figure of ${GUARDED} is worse than the accepted one, with --quick
  --accept keeps these figures as those that later runs are compared with (bench/accepted.json)
  --markdown prints the table as it stands in docs/performance.md
  --json   prints the results as one JSON object on the last line
`;

/** Options that make no sense: the message is followed by the usage. */
class Misuse extends Error {}

async function main(args: string[]): Promise<void> {
  const flag = { type: 'boolean', default: false } as const;
  const { values: options } = parseArgs({
    args,
    options: {
      quick: flag,
      json: flag,
      check: flag,
      accept: flag,
      help: flag,
      markdown: flag,
      only: { type: 'string' },
    },
  });
  if (options.help) {
    process.stdout.write(HELP);
    return;
  }
  if ((options.accept || options.check) && !options.quick)
    throw new Misuse('--accept and --check are for the figures of --quick');
  if (options.accept && (options.check || options.only !== undefined))
    throw new Misuse('--accept keeps all figures: it goes without --only, and without --check');
  const { machine, targets, guarded } = await measure(chosen(options.only, options.quick), options.quick);
  if (options.accept) accept(guarded);
  if (options.check && guarded.length === 0) throw new Misuse('--check: these are not guarded');
  const worse = options.check ? complaints(guarded, options.only === undefined) : [];
  if (worse.length > 0) process.exitCode = 1;
  const text = `${machineText(machine)}${options.markdown ? markdown(targets) : table(targets)}`;
  process.stdout.write(options.json ? `${JSON.stringify({ machine, targets })}\n` : text);
  for (const one of worse) progress(`bench: worse than bench/accepted.json: ${one}`);
}

function chosen(only: string | undefined, isQuick: boolean): Measure[] {
  if (only === undefined) return MEASURES.filter((measure) => !isQuick || measure.isQuick);
  return only.split(',').map((wanted) => {
    const found = MEASURES.find(({ name }) => name === wanted);
    if (found === undefined) throw new Misuse(`--only ${wanted}: there is no such measure`);
    return found;
  });
}

async function measure(
  measures: readonly Measure[],
  isQuick: boolean,
): Promise<{ machine: Machine; targets: Target[]; guarded: Target[] }> {
  const targets: Target[] = [];
  const guarded: Target[] = [];
  let machine: Machine | undefined;
  for (const isPinned of [false, true]) {
    const these = measures.filter((one) => (one.isPinned ?? true) === isPinned);
    if (these.length === 0) continue;
    const stage = await openStage(isQuick, isPinned, progress);
    try {
      machine = await describeMachine((await stage.small()).ledger.redis, stage.pinned);
      for (const one of these) {
        const taken = await take(one, stage);
        targets.push(...taken);
        if (one.isGuarded) guarded.push(...taken);
      }
    } finally {
      await stage.close();
    }
  }
  if (machine === undefined) throw new Error('nothing was measured');
  return { machine, targets, guarded };
}

async function take(one: Measure, stage: Awaited<ReturnType<typeof openStage>>): Promise<Target[]> {
  const began = performance.now();
  const targets = await one.run(stage);
  for (const { name, value, unit, measured } of targets) progress(`${name}: ${value} ${unit} (${measured})`);
  progress(`${one.name}: ${((performance.now() - began) / 1_000).toFixed(1)} s`);
  return targets;
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  const misused =
    error instanceof Misuse || (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true;
  process.stderr.write(
    misused ? `bench: ${(error as Error).message}\n${HELP}` : `bench: ${(error as Error).stack}\n`,
  );
  process.exitCode = 1;
}
