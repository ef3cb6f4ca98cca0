/** `worksteal report`: what an account did in a period, as text, as JSON, as one HTML file. */
import { Command } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';
import { jsonLine } from '../json/print.ts';
import { REPORT } from '../json/report.ts';
import type { Env } from '../rules/settings.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { colorsFor, renderSections } from './inspect/render.ts';
import { htmlOf } from './report/html.ts';
import { readReport } from './report/read.ts';
import { sectionsOf } from './report/text.ts';
import { saveFile } from './save-file.ts';
import { readSince } from './since.ts';
import { terminalWidth, writer } from './table.ts';

type ReportOptions = WhereOptions & { since: string; html?: string; json?: true };

/** The name that means standard output. */
const STANDARD_OUTPUT = '-';

export function reportCommand(env: Env = process.env): Command {
  const command = new Command('report').description(
    'tell what an account did in a period: capacity, steals and what they came to, fights, refusals, ' +
      'cancel latency, halts',
  );
  return withWhere(command)
    .option('--since <time>', 'the period: 90s, 10m, 2h, 1d ago, or an ISO instant; real time', '1h')
    .option('--html <file>', 'write one HTML file, with pictures and without a script; - prints it')
    .option('--json', 'one JSON object (docs/json.md)')
    .action(async (options: ReportOptions) => {
      const { since, html, json } = options;
      if (html === '')
        throw new WorkstealError('invalid', '--html: the name of the file is empty', { field: 'html' });
      if (json && html === STANDARD_OUTPUT)
        throw new WorkstealError('invalid', '--html - and --json both print: name a file', { field: 'html' });
      // Wrong words are refused before Redis is asked.
      sinceOf(since, Date.now());
      const where = readWhere(options, env);
      const report = await withLedger(where, (ledger) =>
        readReport(ledger, (nowMs) => sinceOf(since, nowMs)),
      );
      const write = writer(command);
      if (html === STANDARD_OUTPUT) return write(htmlOf(report));
      if (html !== undefined) saveFile(html, htmlOf(report));
      if (json) return write(jsonLine(REPORT, report));
      if (html !== undefined) return write(`wrote ${shown(html, 1_000)}\n`);
      const width = terminalWidth();
      const colors = colorsFor(env, process.stdout.isTTY === true);
      write(`${renderSections(sectionsOf(report, width), colors, width).join('\n')}\n`);
    });
}

/** As readSince; a period that is empty is refused, too. */
function sinceOf(text: string, nowMs: number): number {
  const fromMs = readSince(text, nowMs);
  if (fromMs < nowMs) return fromMs;
  throw new WorkstealError(
    'invalid',
    `--since: "${shown(text)}" is not in the past: the period would be empty`,
    {
      field: 'since',
      value: text,
    },
  );
}
