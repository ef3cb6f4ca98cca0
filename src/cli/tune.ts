/** `worksteal tune`: thresholds that are picked on the past and judged on what came after. */
import { Command, Option } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';
import { type Candidate, candidates } from '../evidence/candidates.ts';
import { CONTROL_MARKETS } from '../evidence/control-market.ts';
import { afterCost, dailyLess } from '../evidence/evaluate.ts';
import { fillTableFile } from '../evidence/fill-table-file.ts';
import { longestPositionDays } from '../evidence/longest-position.ts';
import { NONE } from '../evidence/policies.ts';
import { type RunSeeds, runSeeds } from '../evidence/run-seeds.ts';
import type { Size } from '../evidence/types.ts';
import { type WalkForward, walkForward } from '../evidence/walk-forward.ts';
import { jsonLine } from '../json/print.ts';
import { TUNE } from '../json/tune.ts';
import type { Env } from '../rules/settings.ts';
import { askedMarket, type Data, requireDays } from './evaluate/market.ts';
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
/** Share of the equity. */
const USUAL_SIZE = 0.2;

/** @param run how path seeds are run; a test may give its own */
export function tuneCommand(env: Env = process.env, run: RunSeeds = runSeeds): Command {
  const command = new Command('tune')
    .description('pick policy and thresholds on the past, judge them on what came after')
    .argument('[data...]', 'a folder of bars, SYMBOL.csv or SYMBOL.csv.gz; or journals, the oldest first')
    .addOption(new Option('--demo <market>', 'a made-up market instead').choices(CONTROL_MARKETS))
    .option('--seed <n>', 'of the first path, of random candidates and of the interval', '1')
    .option('--seeds <n>', 'how many paths through the bars', '6')
    .option(
      '--size <percent>',
      'notional of each order, percent of the equity; plans: as each plan says ' +
        '(default: 20; of journals: plans)',
    )
    .option('--cost <bps>', 'of each fill', '2')
    .option('--candidates <n>', 'how many to choose from', '40')
    .option('--workers <n>', 'threads (default: one a core)')
    .option('--settings <file>', 'write a settings file, where something could be shown')
    .option('--export <file>', 'write the table of fills that was learned, for plan --fill-table')
    .option('--json', 'one JSON object (docs/json.md)');
  command.addHelpText(
    'after',
    `\nIt needs at least ${LEAST_DAYS} days of bars, to pick on and to judge on. See docs/evidence.md.`,
  );
  return command.action(async (data: string[], input: unknown) => {
    const options = readTuneOptions(data, input);
    const progress = progressLine('tune', process.stderr);
    const { tuning, fills } = await tune(options, run, progress.at).finally(progress.end);
    if (options.settings !== undefined && tuning.shown) saveFile(options.settings, settingsFile(tuning));
    if (options.export !== undefined) saveFile(options.export, fills);
    const write = writer(command);
    if (options.json) return write(jsonLine(TUNE, tuning));
    const width = terminalWidth();
    const colors = colorsFor(env, process.stdout.isTTY === true);
    write(`${renderSections(sectionsOf(tuning), colors, width).join('\n')}\n`);
    for (const line of filesWords(options, tuning)) write(`\n${line}\n`);
  });
}

/** What was written, and what was not. */
function filesWords({ settings, export: table }: TuneCommand, tuning: Tuning): string[] {
  const words: string[] = [];
  if (settings !== undefined) {
    const file = shown(settings, 1_000);
    words.push(tuning.shown ? `wrote ${file}` : `${file} was not written: ${wordsOf(tuning)}`);
  }
  if (table !== undefined) words.push(`wrote ${shown(table, 1_000)}: for worksteal plan --fill-table`);
  return words;
}

/** `fills`: the text of the table of fills; '' where it was not asked for. */
type Tuned = { tuning: Tuning; fills: string };

async function tune(
  options: TuneCommand,
  run: RunSeeds,
  onProgress: (share: number) => void,
): Promise<Tuned> {
  const { source, seed, seeds, cost, workers } = options;
  const { market, data } = await askedMarket(source, seed);
  const size = options.size ?? (data.journal === null ? USUAL_SIZE : 'plans');
  if (data.days < LEAST_DAYS) {
    const why = `${data.name}: ${data.days} days; give at least ${LEAST_DAYS}, to have a past to learn from`;
    throw new WorkstealError('invalid', why, { data: data.name });
  }
  const all = candidates(options.candidates, seed);
  const tally = await run(
    { market, options: { policies: all.map(({ policy }) => policy), sizes: [size], learns: true } },
    {
      seeds: Array.from({ length: seeds }, (_, at) => seed + at),
      ...(workers === undefined ? {} : { workers }),
      onProgress,
    },
  );
  requireDays(tally.dayStartsMs.length, data);
  const daily = all.map(({ policy }) => afterCost(dailyLess(tally, policy.name, NONE, size), cost));
  const gap = longestPositionDays(market);
  const days = tally.dayStartsMs.length;
  const first = Math.max(Math.ceil(days * FIRST_SHARE), gap + 1);
  const walked = walkForward(daily, { first, stretch: Math.ceil((days - first) / STRETCHES), gap, seed });
  return {
    tuning: tuningOf(walked, { options, size, data, all, gap, dayStartsMs: tally.dayStartsMs }),
    fills:
      options.export === undefined || tally.fills === undefined
        ? ''
        : fillTableFile(tally.fills, { market, name: data.name, days: data.days, seeds: tally.seeds }),
  };
}

type Parts = {
  options: TuneCommand;
  size: Size;
  data: Data;
  all: readonly Candidate[];
  gap: number;
  dayStartsMs: readonly number[];
};

function tuningOf(walked: WalkForward, { options, size, data, all, gap, dayStartsMs }: Parts): Tuning {
  const { mean, low, high, p, couldSee } = walked.outOfSample;
  const now = all[walked.now] as Candidate;
  const isShown = low > 0 && walked.now > 0;
  const day = (at: number): string => new Date(dayStartsMs[at] ?? 0).toISOString().slice(0, 10);
  return {
    data,
    seed: options.seed,
    seeds: options.seeds,
    size: size === 'plans' ? null : size,
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
