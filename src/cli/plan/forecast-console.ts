/**
 * The output of `worksteal plan FORECASTS`: results on standard output, everything else on
 * standard error.
 */

import { PLAN } from '../../json/plan.ts';
import { jsonLine } from '../../json/print.ts';
import type { FilingOutput } from '../../planner/forecasts/run.ts';
import type { Env } from '../../rules/settings.ts';
import { colorsFor } from '../inspect/render.ts';
import { terminalWidth } from '../table.ts';
import { wrapped } from '../terminal/width.ts';
import { diffLines, document, summary } from './report.ts';

/** Changes that are shown of what was filed; a dry run and --json show all. */
const MAX_CHANGES = 20;
const MAX_FAULTS = 50;
const PROGRESS_MS = 500;

export type ConsoleOptions = {
  source: string;
  json: boolean;
  env: Env;
  monotonicMs?: () => number;
  out?: (text: string) => void;
  err?: (text: string) => void;
};

export function forecastConsole(options: ConsoleOptions): FilingOutput {
  const { source, json, env, monotonicMs = () => performance.now() } = options;
  const out = options.out ?? ((text: string) => void process.stdout.write(text));
  const err = options.err ?? ((text: string) => void process.stderr.write(text));
  const name = source === '-' ? 'standard input' : source;
  const c = colorsFor(env, process.stdout.isTTY === true);
  const warned = new Set<string>();
  let progressMs = monotonicMs();
  const warn = (sentence: string): void => {
    const lines = wrapped(`warning: ${sentence}`, terminalWidth() ?? Infinity, 2);
    err(`${lines.join('\n').replace('warning:', c.yellow('warning:'))}\n`);
  };
  return {
    tell: warn,
    onProgress(done, total) {
      if (monotonicMs() - progressMs < PROGRESS_MS || done === total) return;
      progressMs = monotonicMs();
      err(`${done} of ${total} changes filed\n`);
    },
    onFiling(filing, rows) {
      progressMs = monotonicMs();
      for (const { line, message } of filing.faults.slice(0, MAX_FAULTS))
        err(`${c.red('refused:')} ${name}, line ${line}: ${message}\n`);
      if (filing.faults.length > MAX_FAULTS)
        err(`and ${filing.faults.length - MAX_FAULTS} more rows were refused\n`);
      for (const warning of filing.warnings) {
        // An unknown column is reported once, not at every change of the file.
        if (warned.has(warning)) continue;
        if (warned.size < 1_000) warned.add(warning);
        warn(warning);
      }
      if (json) return out(jsonLine(PLAN, document(filing, rows)));
      const lines = diffLines(filing, c, filing.dryRun ? undefined : MAX_CHANGES, terminalWidth());
      out(`${[...lines, ...wrapped(summary(filing), terminalWidth() ?? Infinity)].join('\n')}\n`);
    },
  };
}
