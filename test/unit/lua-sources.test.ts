/** The commands of a process are of one version, whatever becomes of the files that they were read from. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { functionLibrary } from '../../src/ledger/function-library.ts';
import { filesIn, INCLUDES } from '../../src/ledger/script-source.ts';
import { inspectionText } from '../../src/ledger/scripts.ts';
import { packageRoot } from '../../src/package-root.ts';

/** Reads the sources, loses the files, and prints the library. */
const PROGRAM = `
  import { rmSync } from 'node:fs';
  import { sources } from './src/ledger/script-source.ts';
  import { functionLibrary } from './src/ledger/function-library.ts';
  sources();
  rmSync('lua', { recursive: true });
  console.log(JSON.stringify([functionLibrary().name, functionLibrary().text()]));
`;
/** Prints the text of an inspection where no command and no include can be read. */
const INSPECTION = `
  import { readdirSync, rmSync } from 'node:fs';
  import { inspectionText } from './src/ledger/scripts.ts';
  for (const file of readdirSync('lua')) if (file !== 'redis-cli') rmSync('lua/' + file, { recursive: true });
  console.log(JSON.stringify(inspectionText('status')));
`;
const NEEDED = ['package.json', 'lua', 'src/package-root.ts', 'src/domain', 'src/ledger'];

/** What a program prints as JSON in a copy of the sources, which is its to change. */
function printedBy(program: string): unknown {
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-sources-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const path of NEEDED) cpSync(join(packageRoot(), path), join(folder, path), { recursive: true });
  const args = ['--input-type=module-typescript', '--eval', program];
  return JSON.parse(
    execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 }),
  );
}

it('the commands are those of the first reading when their files go or change', () => {
  expect(printedBy(PROGRAM)).toEqual([functionLibrary().name, functionLibrary().text()]);
});

it('an inspection reads its own script and no other: a hundred files take longer than its answer', () => {
  expect(printedBy(INSPECTION)).toBe(inspectionText('status'));
});

it('the library makes a function of an include once, but for a few that one or two commands use', () => {
  const lines = functionLibrary().text().split('\n');
  const definitions = filesIn(INCLUDES).flatMap(
    (file) => readFileSync(file, 'utf8').match(/(?<=^local )function \w+\([^)]*\)$/gm) ?? [],
  );
  const made = (one: string): number =>
    lines.filter((line) => line === one || line === `local ${one}`).length;
  const several = definitions.filter((one) => made(one) > 1);
  expect(definitions.filter((one) => made(one) === 0)).toEqual([]);
  expect(several.filter((one) => made(one) > 3)).toEqual([]);
  expect(several.length).toBeLessThan(definitions.length / 6);
});
