/** `worksteal tail`: follows an account's events, one per line, until Ctrl-C. */
import { Command } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { eventCells } from '../inspection/event-line.ts';
import { jsonLine } from '../json/print.ts';
import { eventFields, TAIL } from '../json/tail.ts';
import { followEvents, type LedgerEvent } from '../ledger/events.ts';
import { key } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Env } from '../rules/settings.ts';
import { readWhere, type Where, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { colorsFor } from './inspect/render.ts';
import { untilStopped } from './inspect/until-stopped.ts';
import { readSince } from './since.ts';
import { writer } from './table.ts';

const TYPE_WIDTH = 12;

/**
 * The stream id behind which to begin; undefined: with what comes next. Stream ids are the server's time,
 * whatever the ledger's clock is.
 */
async function beginning(ledger: Ledger, since: string | undefined): Promise<string | undefined> {
  if ((await ledger.redis.exists(key(ledger.account, 'account'))) === 0) {
    throw new WorkstealError('unknown', `there is no account "${ledger.account}" in this Redis`, {
      account: ledger.account,
    });
  }
  if (since === undefined) return undefined;
  const [seconds = 0, micros = 0] = await ledger.redis.time();
  const fromMs = readSince(since, Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000));
  return fromMs <= 0 ? '0-0' : `${fromMs - 1}-18446744073709551615`;
}

/**
 * Calls onEvent for each event of the account until the signal aborts.
 * @throws WorkstealError `unknown` (no such account), `invalid`, `unavailable`
 */
export async function tailEvents(
  where: Where,
  since: string | undefined,
  onEvent: (event: LedgerEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const after = await withLedger(where, (ledger) => beginning(ledger, since));
  await followEvents(where.url, where.account, onEvent, signal, { after });
}

export function tailCommand(env: Env = process.env): Command {
  const command = new Command('tail')
    .description("follow an account's events, one per line, until Ctrl-C")
    .option(
      '--since <time>',
      'begin with what is kept since then: 90s, 10m, 2h, 1d ago, or an ISO instant; real time',
    )
    .option('--json', 'one JSON object a line (docs/json.md)');
  return withWhere(command).action(async (options: WhereOptions & { since?: string; json?: true }) => {
    const write = writer(command);
    const c = colorsFor(env, process.stdout.isTTY === true);
    const show = (event: LedgerEvent): void => {
      const [time, type, sentence] = eventCells(event);
      write(
        options.json
          ? jsonLine(TAIL, eventFields(event, sentence))
          : `${c.dim(time)}  ${c.cyan(type.padEnd(TYPE_WIDTH))}  ${sentence}\n`,
      );
    };
    await untilStopped((signal) => tailEvents(readWhere(options, env), options.since, show, signal));
  });
}
