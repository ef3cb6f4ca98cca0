/** `worksteal check`: is an account healthy? For a person, a cron job or a container's health check. */
import { Command } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import type { Env } from '../rules/settings.ts';
import { DEFAULT_LIMITS, diagnose, type Finding } from './check/diagnose.ts';
import { readFacts } from './check/facts.ts';
import { readWhere, type WhereOptions, withLedger, withWhere } from './inspect/connection.ts';
import { colorsFor } from './inspect/render.ts';
import { padded, writer } from './table.ts';

/** How `worksteal check` ends. */
const WELL = 0;
const NOT_WELL = 1;
const CANT_SAY = 2;

type CheckOptions = WhereOptions & { json?: true; outboxAge: string };

/**
 * The command. With --json one object: {schema, account, well, checks: [{check, well, words, next}]}; `well`
 * is null if it is unknown. Exit code: 0 well, 1 not well, 2 unknown.
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
      const verdict = verdictOf(findings);
      process.exitCode = verdict;
      const write = writer(command);
      if (options.json) {
        const well = verdict === CANT_SAY ? null : verdict === WELL;
        const answer = { schema: 1, account: where.account, well, checks: findings };
        return write(`${JSON.stringify(answer)}\n`);
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

function verdictOf(findings: readonly Finding[]): number {
  if (findings.some(({ well }) => well === false)) return NOT_WELL;
  return findings.some(({ well }) => well === null) ? CANT_SAY : WELL;
}

function lines(account: string, findings: readonly Finding[], env: Env): string[] {
  const c = colorsFor(env, process.stdout.isTTY === true);
  const mark = { true: c.green('well'), false: c.red('not well'), null: c.yellow('unknown') };
  const names = padded(
    findings.map(({ check, well }) => [check, well === null ? 'unknown' : well ? 'well' : 'not well']),
    'll',
  );
  const rows = findings.flatMap(({ well, words, next }, at) => {
    const [name = '', state = ''] = names[at] ?? [];
    const painted = state.replace(state.trim(), mark[`${well}`]);
    const first = `${name}  ${painted}  ${words}`;
    return next === '' ? [first] : [first, `${' '.repeat(name.length + state.length + 4)}-> ${next}`];
  });
  const verdict = ['is well', 'is not well', 'may be well: some checks could not be made'];
  return [...rows, '', `${account} ${verdict[verdictOf(findings)]}`];
}
