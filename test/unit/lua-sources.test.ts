/** The commands of a process are of one version, whatever becomes of the files that they were read from. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { libraryOf, scriptNames } from '../../src/ledger/scripts.ts';
import { packageRoot } from '../../src/package-root.ts';

/** Reads the sources, loses the files, and prints the text of every library. */
const PROGRAM = `
  import { rmSync } from 'node:fs';
  import { sources } from './src/ledger/script-source.ts';
  import { libraryOf, scriptNames } from './src/ledger/scripts.ts';
  sources();
  rmSync('lua', { recursive: true });
  console.log(JSON.stringify(scriptNames().map((name) => [libraryOf(name).name, libraryOf(name).text()])));
`;
const NEEDED = ['package.json', 'lua', 'src/package-root.ts', 'src/domain', 'src/ledger'];

it('the commands are those of the first reading when their files go or change', () => {
  const folder = mkdtempSync(join(tmpdir(), 'worksteal-sources-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const path of NEEDED) cpSync(join(packageRoot(), path), join(folder, path), { recursive: true });
  const args = ['--input-type=module-typescript', '--eval', PROGRAM];
  const told = execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const ours = scriptNames().map((name) => [libraryOf(name).name, libraryOf(name).text()]);
  expect(JSON.parse(told)).toEqual(ours);
});
