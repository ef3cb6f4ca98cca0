/**
 * Runs every command that README and docs print, beside a demo fleet, in a folder like a checkout. Commands
 * that take minutes or need more are only checked (test/unit/printed-commands.test.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';
import { CHILD_ENV } from '../support/child-env.ts';
import { readBlocks } from '../support/printed-commands.ts';
import { descendantsOf } from '../support/process-table.ts';
import { PROGRAM } from '../support/program.ts';

const BLOCKS = readBlocks().filter(({ script }) => script.trim() !== '');
const LIMIT_MS = 180_000;

let folder: string;
let demo: ChildProcess;
let redisUrl: string;

const environment = (): NodeJS.ProcessEnv => ({
  ...CHILD_ENV,
  PATH: [join(folder, 'bin'), dirname(process.execPath), process.env['PATH']].join(':'),
  HOME: process.env['HOME'],
  TMPDIR: join(folder, 'tmp'),
});

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-pages-'));
  for (const name of ['bin', 'tmp', 'checkout']) mkdirSync(join(folder, name));
  for (const name of readdirSync(packageRoot()).filter((name) => name !== '.git'))
    symlinkSync(join(packageRoot(), name), join(folder, 'checkout', name));
  // What npx would run, as the sources are now: it looks for its package first, which takes seconds.
  const npx = join(folder, 'bin', 'npx');
  writeFileSync(
    npx,
    `#!/bin/sh\n[ "$1" = worksteal ] || exit 64\nshift\nexec '${process.execPath}' '${PROGRAM}' "$@"\n`,
  );
  chmodSync(npx, 0o755);

  demo = spawn(process.execPath, [PROGRAM, 'up', '--watchers', '1', '--workers', '1'], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: environment(),
  });
  let said = '';
  demo.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await vi.waitFor(() => expect(said).toMatch(/redis:\/\/\S+/), { timeout: 60_000 });
  redisUrl = /redis:\/\/\S+/.exec(said)?.[0] ?? '';
  await vi.waitFor(async () => expect((await run('npx worksteal audit')).code).toBe(0), { timeout: 60_000 });
}, LIMIT_MS);

afterAll(async () => {
  const processes = descendantsOf(demo.pid ?? 0);
  const ended = new Promise((resolve) => demo.once('exit', resolve));
  demo.kill('SIGKILL');
  await ended;
  for (const pid of processes) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

/** In the folder that looks like a checkout; `npm start` and `decide` make a Redis of their own. */
function run(script: string): Promise<{ code: number | null; output: string }> {
  const makesItsOwn = /npm start|worksteal (decide|up)/.test(script);
  const env = {
    ...environment(),
    ...(makesItsOwn ? {} : { REDIS_URL: redisUrl, WORKSTEAL_ACCOUNT: 'demo' }),
  };
  return new Promise((resolve) => {
    const shell = spawn('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: join(folder, 'checkout'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
      timeout: LIMIT_MS,
    });
    let output = '';
    for (const stream of [shell.stdout, shell.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    shell.once('close', (code) => resolve({ code, output }));
  });
}

it.each(BLOCKS.map((block) => [block.where, block] as const))(
  'the commands of %s end well',
  async (_where, { script }) => {
    const { code, output } = await run(script);
    expect({ code, output }).toEqual({ code: 0, output });
    expect(output).not.toMatch(/^\(error\)|^ERR /m);
  },
  LIMIT_MS,
);
