/** `worksteal doctor`: are this machine and its setup fit to run? Before anything is started; reads only. */
import { Command } from 'commander';
import { WorkstealError } from '../domain/errors.ts';
import { secretHider } from '../domain/secrets.ts';
import { toSymbol } from '../domain/symbol.ts';
import { bad, type Finding, unknown } from '../inspection/check/finding.ts';
import { DOCTOR } from '../json/doctor.ts';
import { jsonLine } from '../json/print.ts';
import { secretsOf } from '../ops/secrets.ts';
import type { Env } from '../rules/settings.ts';
import { isWell, lines, verdictOf } from './check/report.ts';
import {
  askAccount,
  judgeAccount,
  judgeData,
  judgeMarket,
  judgeRequests,
  openForReading,
} from './doctor/broker.ts';
import { type Examined, examineRedis } from './doctor/redis.ts';
import { readSetup } from './doctor/setup.ts';
import { readWhere, type Where, type WhereOptions, withWhere } from './inspect/connection.ts';
import { terminalWidth, writer } from './table.ts';

type DoctorOptions = WhereOptions & { json?: true; symbol: string };

/** The command. With --json one object (json/doctor.ts). Exit code: 0 well, 1 not well, 2 unknown. */
export function doctorCommand(env: Env = process.env): Command {
  const command = new Command('doctor').description(
    'check settings, Redis, API keys and the account at the broker before anything is started; changes ' +
      'nothing; exit code 0 well, 1 not, 2 unknown',
  );
  return withWhere(command)
    .option('--json', 'one JSON object')
    .option('--symbol <symbol>', 'whose price is asked for', 'AAPL')
    .action(async (options: DoctorOptions) => {
      const answer = await examine({ ...options, symbol: toSymbol(options.symbol) }, env);
      process.exitCode = verdictOf(answer.checks);
      const hide = secretHider(secretsOf(env));
      const write = (text: string): void => writer(command)(hide(text));
      if (options.json) return write(jsonLine(DOCTOR, { ...answer, well: isWell(answer.checks) }));
      write(`${lines(`the setup of ${answer.account}`, answer.checks, env, terminalWidth()).join('\n')}\n`);
    });
}

type Answer = {
  account: string;
  market: 'live' | 'paper' | 'private' | null;
  brokerAccount: string | null;
  checks: Finding[];
};

async function examine(options: DoctorOptions, env: Env): Promise<Answer> {
  const { findings, fleet, rules, broker: settings } = readSetup(env, process.versions.node);
  const broker = settings === undefined ? undefined : openForReading(settings, fleet);
  const asked = broker === undefined ? undefined : await askAccount(broker);
  const told = asked?.told;
  const where = whereOf(options, env);
  const redis: Examined =
    'account' in where ? await examineRedis(where, told) : { findings: [where], requestsUsed: NOT_ASKED };
  const checks = [
    ...findings,
    ...(settings === undefined ? [] : [judgeMarket(settings)]),
    ...(asked === undefined ? [] : [asked.finding]),
    ...(told === undefined ? [] : judgeAccount(told, rules)),
    ...(broker === undefined ? [] : [await judgeData(broker, options.symbol)]),
    judgeRequests(fleet, told, redis.requestsUsed),
    ...redis.findings,
  ];
  return {
    account: 'account' in where ? where.account : fleet.account,
    market: settings?.market ?? null,
    brokerAccount: told?.number || null,
    checks,
  };
}

const NOT_ASKED = { missing: 'no Redis was asked' };

/**
 * Where the ledger is, or what is wrong with its address. Without an address nothing is wrong: `worksteal up`
 * needs none.
 */
function whereOf(options: DoctorOptions, env: Env): Where | Finding {
  if (!(options.redis ?? env['REDIS_URL'])) {
    const next = 'set REDIS_URL, or give --redis; only `worksteal up` starts a Redis of its own';
    return unknown('redis', 'REDIS_URL is not set', next);
  }
  try {
    return readWhere(options, env);
  } catch (error) {
    if (!(error instanceof WorkstealError) || error.code !== 'settings') throw error;
    return bad('redis', error.message, 'correct REDIS_URL');
  }
}
