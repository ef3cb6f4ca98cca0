/** The commands of a process are of one version, whatever becomes of the files that they were read from. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { filesIn, INCLUDES } from '../../src/ledger/script-source.ts';
import { inspectionText, libraryOf, scriptNames } from '../../src/ledger/scripts.ts';
import { packageRoot } from '../../src/package-root.ts';

/** Reads the sources, loses the files, and prints the text of every library. */
const PROGRAM = `
  import { rmSync } from 'node:fs';
  import { sources } from './src/ledger/script-source.ts';
  import { inspectionText, libraryOf, scriptNames } from './src/ledger/scripts.ts';
  sources();
  rmSync('lua', { recursive: true });
  console.log(JSON.stringify(scriptNames().map((name) => [libraryOf(name).name, libraryOf(name).text()])));
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
  const ours = scriptNames().map((name) => [libraryOf(name).name, libraryOf(name).text()]);
  expect(printedBy(PROGRAM)).toEqual(ours);
});

it('an inspection reads its own script and no other: a hundred files take longer than its answer', () => {
  expect(printedBy(INSPECTION)).toBe(inspectionText('status'));
});

it('a library makes each function of its includes once, wherever it is included', () => {
  const definitions = filesIn(INCLUDES).flatMap(
    (file) => readFileSync(file, 'utf8').match(/^local function \w+\([^)]*\)$/gm) ?? [],
  );
  for (const script of scriptNames()) {
    const lines = libraryOf(script).text().split('\n');
    const made = definitions.filter((line) => lines.filter((other) => other === line).length > 1);
    expect(made, script).toEqual([]);
  }
});
