/** `worksteal evaluate`: does stealing pay? Each policy against first come, on bars or journals. */
import { Command, Option } from 'commander';
import { shown } from '../domain/shown.ts';
import { CONTROL_MARKETS } from '../evidence/control-market.ts';
import { evaluate } from '../evidence/evaluate.ts';
import { outliersOf } from '../evidence/outliers.ts';
import { POLICIES } from '../evidence/policies.ts';
import { type RunSeeds, runSeeds } from '../evidence/run-seeds.ts';
import { selfTest } from '../evidence/self-test.ts';
import { EVALUATE, SELF_TEST } from '../json/evaluate.ts';
import { jsonLine } from '../json/print.ts';
import type { Env } from '../rules/settings.ts';
import { type Evaluation, evaluationOf } from './evaluate/document.ts';
import { htmlOf } from './evaluate/html.ts';
import { askedMarket, requireDays } from './evaluate/market.ts';
import { type EvaluateCommand, readEvaluateOptions, type Source } from './evaluate/options.ts';
import { progressLine } from './evaluate/progress.ts';
import { sectionsOf } from './evaluate/text.ts';
import { EXIT } from './exit-code.ts';
import { colorsFor, renderSections } from './inspect/render.ts';
import { saveFile } from './save-file.ts';
import { terminalWidth, writer } from './table.ts';

/** Shares of the equity. */
const USUAL_SIZES = [0.1, 0.2, 0.4, 0.8];
/** The name that means standard output. */
const STANDARD_OUTPUT = '-';

/** @param run how path seeds are run; a test may give its own */
export function evaluateCommand(env: Env = process.env, run: RunSeeds = runSeeds): Command {
  const command = new Command('evaluate')
    .description(
      'say what stealing earns on your own bars or journals, with intervals, or that it cannot be told',
    )
    .argument('[data...]', 'a folder of bars, SYMBOL.csv or SYMBOL.csv.gz; or journals, the oldest first')
    .addOption(new Option('--demo <market>', 'a made-up market instead').choices(CONTROL_MARKETS))
    .option('--seed <n>', 'of the first path, and of the intervals', '1')
    .option('--seeds <n>', 'how many paths through the bars', '20')
    .option(
      '--sizes <list>',
      'notional of each order, percent of the equity; plans: as each plan says ' +
        '(default: 10,20,40,80; of journals: plans)',
    )
    .option('--costs <list>', 'of each fill, bps', '0,2,5,10')
    .option('--bound <share>', 'name forecasts above this share of the notional', '0.05')
    .option('--cap-forecasts', 'rank forecasts above the bound as the bound')
    .option('--workers <n>', 'threads (default: one a core)')
    .option('--self-test', 'say whether the evaluation can be believed: no edge, a planted one, the future')
    .option('--html <file>', 'write one HTML file, with pictures and without a script; - prints it')
    .option('--json', 'one JSON object (docs/json.md)');
  return command
    .addHelpText('after', '\nThe exit code is 1 where a control of --self-test fails. See docs/evidence.md.')
    .action(async (data: string[], input: unknown) => {
      const options = readEvaluateOptions(data, input);
      const progress = progressLine('evaluate', process.stderr);
      const write = writer(command);
      const print = (text: ReturnType<typeof sectionsOf>): void => {
        const width = terminalWidth();
        const colors = colorsFor(env, process.stdout.isTTY === true);
        write(`${renderSections(text, colors, width).join('\n')}\n`);
      };
      try {
        if (options.source === null) {
          const result = await selfTest({ ...options, run, onProgress: progress.at });
          progress.end();
          if (!result.passed) process.exitCode = EXIT.notWell;
          if (options.json) return write(jsonLine(SELF_TEST, result));
          return print(selfTestSections(result));
        }
        const evaluation = await answer({ ...options, source: options.source }, run, progress.at);
        progress.end();
        const { html, json } = options;
        if (html === STANDARD_OUTPUT) return write(htmlOf(evaluation));
        if (html !== undefined) saveFile(html, htmlOf(evaluation));
        if (json) return write(jsonLine(EVALUATE, evaluation));
        print(sectionsOf(evaluation));
        if (html !== undefined) write(`\nwrote ${shown(html, 1_000)}\n`);
      } finally {
        progress.end();
      }
    });
}

type Asking = Omit<EvaluateCommand, 'source'> & { source: NonNullable<Source> };

async function answer(
  { source, seed, seeds, costs, bound, capForecasts, workers, ...asked }: Asking,
  run: RunSeeds,
  onProgress: (share: number) => void,
): Promise<Evaluation> {
  const { market, data } = await askedMarket(source, seed);
  const sizes = asked.sizes ?? (data.journal === null ? USUAL_SIZES : ['plans' as const]);
  const forecastBound = capForecasts ? bound : 0;
  const policies = POLICIES.map((one) => ({ ...one, rules: { ...one.rules, forecastBound } }));
  const tally = await run(
    { market, options: { policies, sizes } },
    {
      seeds: Array.from({ length: seeds }, (_, at) => seed + at),
      ...(workers === undefined ? {} : { workers }),
      onProgress,
    },
  );
  requireDays(tally.dayStartsMs.length, data);
  const answers = evaluate(tally, { policies, sizes, costsBps: costs, seed });
  const outliers = outliersOf(market, bound);
  return evaluationOf({ data, tally, answers, outliers, bound, ranked: capForecasts, seed });
}

function selfTestSections({ controls, passed, seed }: Awaited<ReturnType<typeof selfTest>>) {
  return [
    {
      title: `${passed ? 'all controls passed' : 'a control failed: believe no answer'}, seed ${seed}`,
      head: ['CONTROL', 'PASSED', 'FOUND'],
      align: 'lll',
      importance: [1, 1, 1],
      rows: controls.map(({ control, passed: well, says }) => [control, well ? 'yes' : 'no', says]),
      more: 0,
    },
  ];
}
