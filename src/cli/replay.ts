/** `worksteal replay FILE...`: what would a journal have decided under other settings? */
import { Command } from 'commander';
import colors from 'picocolors';
import { counted } from '../domain/amounts.ts';
import type { Difference, Replayed } from '../journal/replay.ts';
import { readChanges, replay } from '../journal/replay.ts';
import { jsonLine } from '../json/print.ts';
import { REPLAY } from '../json/replay.ts';
import { openScratchAccounts } from '../ledger/what-if/scratch.ts';
import { openRedis } from '../redis/open.ts';
import type { Env } from '../rules/settings.ts';
import { tableText, terminalWidth, writer } from './table.ts';

type ReplayOptions = { set: string[]; json?: true };

const HEAD = ['SEQ', 'AT', 'ORDER', 'SYMBOL', 'WAS', 'WOULD BE'];
const IMPORTANCE = [2, 3, 1, 2, 1, 1];

/**
 * The command. Changes nothing anywhere: it decides in scratch accounts, on a Redis of its own unless
 * REDIS_URL names one.
 */
export function replayCommand(env: Env = process.env): Command {
  const command = new Command('replay');
  return command
    .description('decide a journal again, under other settings, and show what would have differed')
    .argument('<file...>', 'journals of worksteal record, the oldest first')
    .option('--set <name=value>', 'a setting that is another; may be repeated', collect, [])
    .option('--json', 'one JSON object (docs/json.md)')
    .action(async (files: string[], options: ReplayOptions) => {
      const changes = readChanges(options.set);
      const differences: Difference[] = [];
      const told = await replayAll(files, changes, env, (one) => differences.push(one));
      const write = writer(command);
      if (options.json) write(jsonLine(REPLAY, document(told, changes, differences)));
      else write(`${tableOf(differences)}${summary(told)}`);
    });
}

function collect(text: string, before: string[]): string[] {
  return [...before, text];
}

async function replayAll(
  files: readonly string[],
  changes: Env,
  env: Env,
  onDifference: (difference: Difference) => void,
): Promise<Replayed> {
  const log = { info: logRedis, warn: logRedis };
  const redis = await openRedis({ env, log });
  const stopping = new AbortController();
  const stop = (): void => {
    process.exitCode = 130;
    stopping.abort();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    const scratch = await openScratchAccounts(redis.url, redis.owned);
    try {
      return await replay(files, changes, scratch, onDifference, stopping.signal);
    } finally {
      if (!redis.owned) await scratch.clear();
      await scratch.close();
    }
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
    await redis.close();
  }
}

function logRedis(message: string): void {
  process.stderr.write(`${message}\n`);
}

function tableOf(differences: readonly Difference[]): string {
  if (differences.length === 0) return '';
  const rows = differences.map(({ seq, atMs, order, symbol, was, would }) => [
    `${seq}`,
    new Date(atMs).toISOString(),
    order,
    symbol,
    wordsOf(was),
    wordsOf(would),
  ]);
  return `${tableText({ head: HEAD, rows, importance: IMPORTANCE }, terminalWidth())}\n`;
}

function wordsOf({ outcome, victims, kept }: Difference['was']): string {
  return [outcome, ...victims].join(' ') + (kept === '' ? '' : ` (keeps ${kept})`);
}

/** The counts, as sentences. */
export function summary({ decisions, differ, left, gaps, torn }: Replayed): string {
  const verdict = `${differ} ${differ === 1 ? 'differs' : 'differ'}`;
  const lines = [
    decisions === 0
      ? 'no decision was recorded, so there is nothing to decide again; record while plans ask for room'
      : `${counted(decisions, 'decision')}, ${differ === 0 ? colors.green(verdict) : colors.yellow(verdict)}`,
    ...[...left].map(([why, count]) => `${counted(count, 'decision')} not made again: ${why}`),
    ...(gaps > 0 ? [`${counted(gaps, 'decision')} missing: the recorder was too slow`] : []),
    ...torn.map((file) => `${file}: the last line is cut off; what is before it counts`),
  ];
  return `${lines.join('\n')}\n`;
}

function document(
  { decisions, differ, left, gaps, torn }: Replayed,
  changes: Env,
  differences: Difference[],
) {
  return {
    settings: Object.entries(changes).map(([name, value]) => ({ name, value })),
    decisions,
    differ,
    left: [...left].map(([why, count]) => ({ why, count })),
    missing: gaps,
    cutOff: torn,
    differences,
  };
}
