/** `worksteal check`: is an account healthy? For a person, a cron job or a container's health check. */
import { Command } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import type { Env } from '../rules/settings.ts';
import { DEFAULT_LIMITS, diagnose } from './check/diagnose.ts';
import { readFacts } from './check/facts.ts';
import type { Finding } from './check/finding.ts';
import { isWell, lines, verdictOf } from './check/report.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { CHECK } from './json/check.ts';
import { jsonLine } from './json/print.ts';
import { writer } from './table.ts';

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
      write(`${lines(where.account, findings, env).join('\n')}\n`);
    });
}

function secondsOf(text: string): number {
  if (/^\d{1,6}$/.test(text)) return Number(text);
  throw new WorkstealError('invalid', `--outbox-age: "${text}" is not a whole number of seconds`, {
    field: 'outbox-age',
    value: text,
  });
}

/** Redis did not answer, or the ledger has no such account. */
function unanswered(error: unknown): Finding[] {
  if (!(error instanceof WorkstealError)) throw error;
  if (error.code === 'unknown')
    return [{ check: 'account', well: false, words: error.message, next: error.next }];
  if (error.code !== 'unavailable') throw error;
  return [
    {
      check: 'redis',
      well: null,
      words: `can't say: ${error.message}`,
      next: 'start Redis, or correct REDIS_URL',
    },
  ];
}
