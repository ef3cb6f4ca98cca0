/** `worksteal check`: is an account healthy? For a person, a cron job or a container's health check. */
import { Command } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { DEFAULT_LIMITS, diagnose } from '../inspection/check/diagnose.ts';
import { readFacts } from '../inspection/check/facts.ts';
import { unanswered } from '../inspection/check/unanswered.ts';
import { CHECK } from '../json/check.ts';
import { jsonLine } from '../json/print.ts';
import type { Env } from '../rules/settings.ts';
import { isWell, lines, verdictOf } from './check/report.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { terminalWidth, writer } from './table.ts';

type CheckOptions = WhereOptions & { json?: true; outboxAge: string };

/**
 * The command. Exit code: 0 well, 1 not well, 2 unknown.
 */
export function checkCommand(env: Env = process.env): Command {
  const command = new Command('check').description(
    'check an account: its processes, its ledger and its Redis; exit code 0 well, 1 not, 2 unknown',
  );
  return withWhere(command)
    .option('--json', 'one JSON object')
    .option('--outbox-age <seconds>', 'a cancellation older than this is overdue', '10')
    .action(async (options: CheckOptions) => {
      const where = readWhere(options, env);
      const limits = { ...DEFAULT_LIMITS, outboxMs: secondsOf(options.outboxAge) * 1_000 };
      const findings = await withLedger(where, async (ledger) =>
        diagnose(await readFacts(ledger), limits),
      ).catch(unanswered);
      process.exitCode = verdictOf(findings);
      const write = writer(command);
      if (options.json) {
        const answer = { account: where.account, well: isWell(findings), checks: findings };
        return write(jsonLine(CHECK, answer));
      }
      write(`${lines(where.account, findings, env, terminalWidth()).join('\n')}\n`);
    });
}

function secondsOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new WorkstealError('invalid', `--outbox-age: "${text}" is not a whole number of seconds`, {
    field: 'outbox-age',
    value: text,
  });
}
