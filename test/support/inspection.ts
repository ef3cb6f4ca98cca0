/**
 * Both forms of an inspection: what redis-cli shows of lua/redis-cli/<name>.lua, and what `worksteal <name>`
 * prints.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { z } from 'zod';
import { auditCommand } from '../../src/cli/audit.ts';
import { fightsCommand } from '../../src/cli/fights.ts';
import { ordersCommand } from '../../src/cli/orders.ts';
import { plansCommand } from '../../src/cli/plans.ts';
import { statusCommand } from '../../src/cli/status.ts';
import { stealsCommand } from '../../src/cli/steals.ts';
import { waitingCommand } from '../../src/cli/waiting.ts';
import { whyCommand } from '../../src/cli/why.ts';
import { key } from '../../src/ledger/keys.ts';
import { packageRoot } from '../../src/package-root.ts';
import type { Env } from '../../src/rules/settings.ts';
import type { TestAccount } from './ledger.ts';
import { serverUrl } from './redis.ts';

export const COMMANDS = {
  status: statusCommand,
  plans: plansCommand,
  steals: stealsCommand,
  regret: stealsCommand,
  orders: ordersCommand,
  fights: fightsCommand,
  waiting: waitingCommand,
  why: whyCommand,
  audit: auditCommand,
} satisfies Record<string, (env: Env) => Command>;
export type Script = keyof typeof COMMANDS;

export const SCRIPTS = Object.keys(COMMANDS) as Script[];

export function scriptFile(script: Script): string {
  return join(packageRoot(), 'lua', 'redis-cli', `${script}.lua`);
}

/** The file as it is, run read-only: the lines that redis-cli would show, or the text of `json`. */
export async function runScript(
  account: TestAccount,
  script: Script,
  words: readonly string[],
): Promise<string> {
  const text = readFileSync(scriptFile(script), 'utf8');
  const answer = await account.ledger.redis.call('EVAL_RO', text, 1, key(account.name, 'account'), ...words);
  return typeof answer === 'string' ? answer : `${z.array(z.string()).parse(answer).join('\n')}\n`;
}

/** The real redis-cli, its output not a terminal. */
export async function runRedisCli(
  url: string,
  account: string,
  script: Script,
  words: readonly string[],
): Promise<string> {
  const args = [
    '-u',
    await serverUrl(url, account),
    '--no-auth-warning',
    '--eval',
    scriptFile(script),
    key(account, 'account'),
    ',',
    ...words,
  ];
  const { stdout } = await promisify(execFile)('redis-cli', args, { timeout: 60_000 });
  return stdout;
}

/** What the command writes to standard output. */
export async function runCommand(
  url: string,
  account: string,
  script: Script,
  args: readonly string[],
): Promise<string> {
  let text = '';
  const command = COMMANDS[script]({ REDIS_URL: url, WORKSTEAL_ACCOUNT: account });
  const writeOut = (part: string): void => {
    text += part;
  };
  command.configureOutput({ writeOut }).exitOverride();
  await command.parseAsync([...args], { from: 'user' });
  return text;
}
