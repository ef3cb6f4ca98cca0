/**
 * The file of API tokens and of the keys of a gateway's bots. It holds no token and no secret, only the
 * SHA-256 of each: they are shown once, when they are made.
 */
import { createHash, randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { z } from 'zod';
import { WorkstealError } from '../domain/errors.ts';
import { shown } from '../domain/shown.ts';
import { issueWords } from '../rules/issue-words.ts';
import { BOT, type BotRecord } from './bot-keys.ts';

/** Each scope includes those before it. */
export const SCOPES = ['read', 'trade', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

const NAME = /^[A-Za-z0-9_-]{1,48}$/;
const ACCOUNT = /^[A-Za-z0-9_-]{1,64}$/;
const MAX_TOKENS = 1_000;
const MAX_BYTES = 1_000_000;

/** `accounts`: the only ones that it reaches; empty: every account of the server. */
const TOKEN = z.strictObject({
  name: z.string().regex(NAME),
  scope: z.enum(SCOPES),
  accounts: z.array(z.string().regex(ACCOUNT)).max(1_000),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  createdAtMs: z.int().min(0),
});
const FILE = z.strictObject({
  tokens: z.array(TOKEN).max(MAX_TOKENS),
  bots: z.array(BOT).max(MAX_TOKENS).default([]),
});
export type TokenFile = z.output<typeof FILE>;

export type TokenRecord = z.output<typeof TOKEN>;

export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** A new token: `ws_` and 32 random bytes, base64url. */
export function makeToken(): string {
  return `ws_${randomBytes(32).toString('base64url')}`;
}

/**
 * The records of a token; its text is not kept.
 * @throws WorkstealError `invalid` for a name or an account that can't be one
 */
export function recordOf(
  token: string,
  { name, scope, accounts }: Pick<TokenRecord, 'name' | 'scope' | 'accounts'>,
  nowMs: number,
): TokenRecord {
  const record = { name, scope, accounts, sha256: hashOf(token), createdAtMs: nowMs };
  const parsed = TOKEN.safeParse(record, { error: issueWords });
  if (parsed.success) return parsed.data;
  const { path = [], message = '' } = parsed.error.issues[0] ?? {};
  throw new WorkstealError('invalid', `token: ${path.join('.')}: ${message}`, { field: path.join('.') });
}

/**
 * The API's tokens.
 * @throws WorkstealError `settings` for a file that can't be read, or holds something else
 */
export function readTokenFile(file: string): TokenRecord[] {
  return readWhole(file).tokens;
}

/** The same of the bots. */
export function readBotFile(file: string): BotRecord[] {
  return readWhole(file).bots;
}

/** Both. @throws the same */
export function readWhole(file: string): TokenFile {
  const text = readText(file);
  if (text.length > MAX_BYTES) throw fault(file, `is larger than ${MAX_BYTES} bytes`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw fault(file, 'is not JSON');
  }
  const parsed = FILE.safeParse(json, { error: issueWords });
  if (!parsed.success) {
    const { path = [], message = '' } = parsed.error.issues[0] ?? {};
    throw fault(file, `${path.join('.')}: ${message}`);
  }
  const names = [...parsed.data.tokens, ...parsed.data.bots].map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice !== undefined) throw fault(file, `has two tokens or keys named ${twice}`);
  return parsed.data;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw fault(file, (error as Error).message, error);
  }
}

function fault(file: string, why: string, cause?: unknown): WorkstealError {
  return new WorkstealError(
    'settings',
    `the token file ${shown(file, 200)}: ${why}`,
    {},
    cause,
    'correct the file, or make a new one with `worksteal token new`',
  );
}

/**
 * Changes the file in one step: it is written beside (mode 0600) and renamed. A file that does not exist
 * counts as empty. Two changes at once: the second one fails.
 * @throws WorkstealError `settings`, `unavailable` while another process changes it
 */
export function changeTokenFile(file: string, change: (content: TokenFile) => TokenFile): void {
  const beside = `${file}.new`;
  const open = openBeside(beside);
  try {
    const { tokens, bots } = change(exists(file) ? readWhole(file) : { tokens: [], bots: [] });
    if (Math.max(tokens.length, bots.length) > MAX_TOKENS)
      throw fault(file, `would hold more than ${MAX_TOKENS} tokens or keys`);
    writeSync(open, `${JSON.stringify({ tokens, ...(bots.length > 0 && { bots }) }, null, 2)}\n`);
    closeSync(open);
    renameSync(beside, file);
  } catch (error) {
    rmSync(beside, { force: true });
    throw error;
  }
}

function openBeside(beside: string): number {
  try {
    return openSync(beside, 'wx', 0o600);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw fault(beside, message, error);
    throw new WorkstealError(
      'unavailable',
      `${shown(beside, 200)} exists: another process changes the token file`,
      {},
      error,
      'try again; if no other process does, remove this file',
    );
  }
}

function exists(file: string): boolean {
  try {
    readFileSync(file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw fault(file, (error as Error).message, error);
  }
}
