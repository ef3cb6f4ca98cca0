/** `worksteal record FILE`: writes a journal of an account's decisions until Ctrl-C. */
import { Command } from 'commander';
import { counted } from '../domain/amounts.ts';
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';
import { record } from '../journal/recorder.ts';
import { jsonLine } from '../json/print.ts';
import { RECORD } from '../json/record.ts';
import type { Env } from '../rules/settings.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { untilStopped } from './inspect/until-stopped.ts';
import { writer } from './table.ts';

const MEBIBYTE = 1024 * 1024;
const MOST_MEBIBYTES = 4_096;
const MOST_FILES = 100;

type RecordOptions = WhereOptions & { maxSize: string; keep: string; json?: true };

export function recordCommand(env: Env = process.env): Command {
  const command = new Command('record')
    .description("write a journal of an account's decisions, each with what it saw, until Ctrl-C")
    .argument('<file>', 'the journal; one that is there becomes FILE.1');
  return withWhere(command)
    .option('--max-size <mib>', 'begin another file after so many MiB', '64')
    .option('--keep <files>', 'keep so many files, the oldest goes', '8')
    .option('--json', 'at the end one JSON object (docs/json.md)')
    .action(async (file: string, options: RecordOptions) => {
      const bounds = {
        maxBytes: wholeOf('--max-size', options.maxSize, MOST_MEBIBYTES) * MEBIBYTE,
        keep: wholeOf('--keep', options.keep, MOST_FILES),
      };
      const where = readWhere(options, env);
      const { url, account } = where;
      const write = writer(command);
      await untilStopped(async (signal) => {
        const onStart = (): void => {
          if (!options.json) write(`recording the decisions of ${account} in ${shown(file, 1_000)}\n`);
        };
        const recording = { url, file, bounds, onStart };
        const tally = await withLedger(where, (ledger) => record(ledger, recording, signal));
        if (options.json) return write(jsonLine(RECORD, { account, ...tally }));
        write(
          `${counted(tally.decisions, 'decision')}, ${counted(tally.events, 'event')}; ` +
            `${tally.missed} missed, ${tally.cut} over too large a book\n`,
        );
      });
    });
}

function wholeOf(option: string, text: string, most: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new WorkstealError('invalid', `${option}: "${shown(text)}" is no whole number from 1 to ${most}`, {
    field: option.slice(2),
    value: text.slice(0, 64),
  });
}
