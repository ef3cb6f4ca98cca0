/** `worksteal tune`: thresholds that are picked on the past and judged on what came after. */
import { Command, Option } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';
import { type Candidate, candidates } from '../evidence/candidates.ts';
import { CONTROL_MARKETS } from '../evidence/control-market.ts';
import { afterCost, dailyLess } from '../evidence/evaluate.ts';
import { longestPositionDays } from '../evidence/longest-position.ts';
import { NONE } from '../evidence/policies.ts';
import { type RunSeeds, runSeeds } from '../evidence/run-seeds.ts';
import { type WalkForward, walkForward } from '../evidence/walk-forward.ts';
import { jsonLine } from '../json/print.ts';
import { TUNE } from '../json/tune.ts';
import type { Env } from '../rules/settings.ts';
import { askedMarket, type Data } from './evaluate/market.ts';
import { progressLine } from './evaluate/progress.ts';
import { colorsFor, renderSections } from './inspect/render.ts';
import { saveFile } from './save-file.ts';
import { terminalWidth, writer } from './table.ts';
import { readTuneOptions, type TuneCommand } from './tune/options.ts';
import { sectionsOf, settingsFile, type Tuning, wordsOf } from './tune/text.ts';

/** The past of the first pick, and how many stretches are behind it. */
const FIRST_SHARE = 1 / 3;
const STRETCHES = 6;
const LEAST_DAYS = 30;

/** @param run how path seeds are run; a test may give its own */
export function tuneCommand(env: Env = process.env, run: RunSeeds = runSeeds): Command {
  const command = new Command('tune')
    .description('pick policy and thresholds on the past, judge them on what came after')
    .argument('[dir]', 'a folder of hourly or minute bars, SYMBOL.csv or SYMBOL.csv.gz')
    .addOption(new Option('--demo <market>', 'a made-up market instead').choices(CONTROL_MARKETS))
    .option('--seed <n>', 'of the first path, of random candidates and of the interval', '1')
    .option('--seeds <n>', 'how many paths through the bars', '6')
    .option('--size <percent>', 'notional of each order, percent of the equity', '20')
    .option('--cost <bps>', 'of each fill', '2')
    .option('--candidates <n>', 'how many to choose from', '40')
    .option('--workers <n>', 'threads (default: one a core)')
    .option('--export <file>', 'write a settings file, where something could be shown')
    .option('--json', 'one JSON object (docs/json.md)');
  return command.action(async (dir: string | undefined, input: unknown) => {
    const options = readTuneOptions(dir, input);
    const progress = progressLine('tune', process.stderr);
    const tuning = await tune(options, run, progress.at).finally(progress.end);
    if (options.export !== undefined && tuning.shown) saveFile(options.export, settingsFile(tuning));
    const write = writer(command);
    if (options.json) return write(jsonLine(TUNE, tuning));
    const width = terminalWidth();
    const colors = colorsFor(env, process.stdout.isTTY === true);
    write(`${renderSections(sectionsOf(tuning), colors, width).join('\n')}\n`);
    if (options.export === undefined) return;
    const file = shown(options.export, 1_000);
    write(tuning.shown ? `\nwrote ${file}\n` : `\n${file} was not written: ${wordsOf(tuning)}\n`);
  });
}

async function tune(
  options: TuneCommand,
  run: RunSeeds,
  onProgress: (share: number) => void,
): Promise<Tuning> {
  const { source, seed, seeds, size, cost, workers } = options;
  const { market, data } = askedMarket(source, seed);
  if (data.days < LEAST_DAYS) {
    const why = `${data.name}: ${data.days} days; give at least ${LEAST_DAYS}, to have a past to learn from`;
    throw new WorkstealError('invalid', why, { dir: data.name });
  }
  const all = candidates(options.candidates, seed);
  const tally = await run(
    { market, options: { policies: all.map(({ policy }) => policy), sizes: [size] } },
    {
      seeds: Array.from({ length: seeds }, (_, at) => seed + at),
      ...(workers === undefined ? {} : { workers }),
      onProgress,
    },
  );
  const daily = all.map(({ policy }) => afterCost(dailyLess(tally, policy.name, NONE, size), cost));
  const gap = longestPositionDays(market);
  const days = tally.dayStartsMs.length;
  const first = Math.max(Math.ceil(days * FIRST_SHARE), gap + 1);
  const walked = walkForward(daily, { first, stretch: Math.ceil((days - first) / STRETCHES), gap, seed });
  return tuningOf(walked, { options, data, all, gap, dayStartsMs: tally.dayStartsMs });
}

type Parts = {
  options: TuneCommand;
  data: Data;
  all: readonly Candidate[];
  gap: number;
  dayStartsMs: readonly number[];
};

function tuningOf(walked: WalkForward, { options, data, all, gap, dayStartsMs }: Parts): Tuning {
  const { mean, low, high, p, couldSee } = walked.outOfSample;
  const now = all[walked.now] as Candidate;
  const isShown = low > 0 && walked.now > 0;
  const day = (at: number): string => new Date(dayStartsMs[at] ?? 0).toISOString().slice(0, 10);
  return {
    data,
    seed: options.seed,
    seeds: options.seeds,
    size: options.size,
    costBps: options.cost,
    candidates: all.map(({ policy }) => policy.name),
    gapDays: gap,
    picks: walked.stretches.map(({ from, to, pick, inSample, outOfSample }) => ({
      from: day(from),
      to: day(to - 1),
      pick: all[pick]?.policy.name ?? NONE,
      inSample,
      outOfSample,
    })),
    inSample: walked.inSample,
    outOfSample: { mean, low, high, p, couldSee },
    shown: isShown,
    now: now.policy.name,
    settings: isShown ? { ...now.settings } : null,
  };
}
