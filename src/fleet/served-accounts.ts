/**
 * Several accounts by one API server: WORKSTEAL_API_ACCOUNTS names a JSON file, account -> the variables that
 * differ from the environment, such as the broker's keys.
 *
 *   { "main": { "APCA_API_KEY_ID": "…", "APCA_API_SECRET_KEY": "…" }, "second": { … } }
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';
import { issueWords } from '../rules/issue-words.ts';
import type { Env } from '../rules/settings.ts';

const MAX_ACCOUNTS = 64;
const ACCOUNT = /^[A-Za-z0-9_-]{1,64}$/;
/** One host, one API and one file of accounts for all of them. */
const SHARED = /^WORKSTEAL_(API_|METRICS_|ACCOUNT$|HOST$)/;
const VARIABLE = /^[A-Z][A-Z0-9_]{0,63}$/;
const schema = z.record(z.string(), z.record(z.string(), z.string().max(4_096)));

/**
 * The environment of each account, in the file's order; without a file the one of the environment.
 * @throws WorkstealError `settings`
 */
export function servedAccounts(file: string | undefined, env: Env): Env[] {
  if (file === undefined) return [env];
  const parsed = schema.safeParse(readJson(file), { error: issueWords });
  if (!parsed.success) {
    const { path = [], message = '' } = parsed.error.issues[0] ?? {};
    throw fault(file, `${path.join('.')}: ${message}`);
  }
  const accounts = Object.entries(parsed.data);
  if (accounts.length === 0) throw fault(file, 'names no account');
  if (accounts.length > MAX_ACCOUNTS) throw fault(file, `names more than ${MAX_ACCOUNTS} accounts`);
  for (const [account, own] of accounts) {
    if (!ACCOUNT.test(account)) throw fault(file, `"${shown(account)}" can't be the name of an account`);
    for (const variable of Object.keys(own)) {
      const where = `${account}.${shown(variable)}`;
      if (!VARIABLE.test(variable)) throw fault(file, `${where} is not the name of a variable`);
      if (SHARED.test(variable)) throw fault(file, `${where} is the same for all accounts`);
    }
  }
  return accounts.map(([account, own], at) => ({
    ...env,
    ...own,
    WORKSTEAL_ACCOUNT: account,
    // One port of metrics a process.
    ...(at > 0 && { WORKSTEAL_METRICS_PORT: undefined }),
  }));
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : (error as Error).message;
    throw fault(file, why, error);
  }
}

function fault(file: string, why: string, cause?: unknown): WorkstealError {
  return new WorkstealError('settings', `WORKSTEAL_API_ACCOUNTS=${file}: ${why}`, {}, cause);
}
