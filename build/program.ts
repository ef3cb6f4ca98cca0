/**
 * Builds `worksteal`, the program, into dist/cli: one file for each command, and what they share. A process
 * that reads a few large files starts in two thirds of the time of one that reads hundreds of small ones.
 * `npm run prepare` does this, and so does every run of the tests, whose processes are the program as built.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { build } from 'rolldown';
import { COMMANDS } from '../src/cli/commands.ts';
import { ioredisMethods } from './ioredis.ts';
import { nodeModules } from './node-modules.ts';

const ROOT = join(import.meta.dirname, '..');
const BUILT = join(ROOT, 'dist', 'cli');

/** These look for files beside their own, start threads, or must be there once, whoever loads them. */
const AS_INSTALLED =
  /^(pino|pino-pretty|thread-stream|@fastify\/swagger|@bull-board\/.*|@opentelemetry\/.*)$/;

/** What is looked for beside main.js: the commands, and the thread that `evaluate` and `tune` start. */
const ENTRIES = ['main', 'program', ...COMMANDS]
  .map((name) => `src/cli/${name}.ts`)
  .concat('src/evidence/seed-worker.ts');

/**
 * Writes what differs from what is there, and removes what an earlier build left only at the end: programs
 * that run meanwhile find their files.
 */
export async function buildProgram(): Promise<void> {
  const { output } = await build({
    cwd: ROOT,
    input: Object.fromEntries(ENTRIES.map((file) => [basename(file, '.ts'), file])),
    platform: 'node',
    external: AS_INSTALLED,
    plugins: [nodeModules, ioredisMethods],
    output: {
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      // V8 takes a file with a single character beyond ASCII as one of two bytes each; docstrings hold some.
      charset: 'ascii',
      comments: { legal: true, annotation: false, jsdoc: false },
      // What nearly all commands read is one file: to find and open each takes about a millisecond.
      codeSplitting: { groups: [{ name: 'common', minShareCount: 20 }] },
    },
    write: false,
  });
  mkdirSync(BUILT, { recursive: true });
  const left = new Set(readdirSync(BUILT));
  for (const file of output) {
    const text = file.type === 'chunk' ? file.code : file.source;
    const path = join(BUILT, file.fileName);
    if (!left.has(file.fileName) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
    left.delete(file.fileName);
  }
  for (const name of left) rmSync(join(BUILT, name), { recursive: true });
}

if (import.meta.main) await buildProgram();
