/**
 * A Redis that accepts only the users of acl/worksteal.acl, created with the commands of docs/security.md,
 * and `admin`, who may do everything.
 */
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { packageRoot } from '../../src/package-root.ts';
import { freshAccount, startPrivateRedis } from './redis.ts';

export const USERS = [
  'watch',
  'work',
  'keep',
  'plan',
  'serve',
  'gateway',
  'alert',
  'operate',
  'look',
] as const;
export type User = (typeof USERS)[number];

export type GuardedRedis = {
  /** The account that the users are of. */
  account: string;
  /** A temporary one, removed at the end. */
  folder: string;
  url(user: User | 'admin'): string;
  /** What was refused so far: `user: context object`, such as `ws-plan: toplevel flushall`. */
  refused(): Promise<string[]>;
  close(): Promise<void>;
};

/** @param alter what else is done to the file */
export async function startGuardedRedis(alter: (file: string) => void = () => {}): Promise<GuardedRedis> {
  const account = freshAccount('guarded');
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-acl-'));
  symlinkSync(join(packageRoot(), 'acl'), join(folder, 'acl'));
  const passwords = new Map([['admin', randomUUID()], ...makeUsers(account, folder)]);
  const file = join(folder, 'users.acl');
  const hash = createHash('sha256')
    .update(String(passwords.get('admin')))
    .digest('hex');
  appendFileSync(file, `user admin on #${hash} ~* &* +@all\n`);
  alter(file);
  const redis = await startPrivateRedis({ args: ['--aclfile', file, '--enable-debug-command', 'local'] });
  const url = (user: string) =>
    `redis://${user === 'admin' ? user : `ws-${user}`}:${passwords.get(user)}@127.0.0.1:${redis.port}`;
  const admin = new Redis(url('admin'));
  return {
    account,
    folder,
    url,
    async refused() {
      const log = (await admin.acl('LOG')) as unknown as unknown[][];
      return log.map((entry) => `${entry[9]}: ${entry[5]} ${String(entry[7])}`).sort();
    },
    async close() {
      admin.disconnect();
      await redis.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const PAGE = readFileSync(join(packageRoot(), 'docs/security.md'), 'utf8');

/** Runs the commands that the page shows, with this account; they tell each user's password. */
function makeUsers(account: string, folder: string): [string, string][] {
  const commands = /```sh\naccount=main\n(.*?)```/s.exec(PAGE)?.[1];
  if (commands === undefined) throw new Error('docs/security.md does not show how the users are made');
  const told = execFileSync('/bin/sh', ['-ec', `account=${account}\n${commands}`], {
    cwd: folder,
    encoding: 'utf8',
  });
  return told
    .trim()
    .split('\n')
    .map((line) => line.split(' '))
    .map(([role = '', password = '']) => [role.toLowerCase(), password]);
}
