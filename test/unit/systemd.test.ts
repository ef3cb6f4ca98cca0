/** deploy/systemd, as `systemd-analyze` judges it: no service is started. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';

const FOLDER = join(packageRoot(), 'deploy/systemd');
const ROLES = readdirSync(join(packageRoot(), 'workers')).map((file) => file.replace('.ts', ''));
const UNITS = ROLES.map((role) => `worksteal-${role}@main.service`);
const LIMIT_MS = 60_000;
/** Of 10, in tenths. 1.3 with systemd 252; the network, and code that is written at run time, must be. */
const MAX_EXPOSURE = 15;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'worksteal-units-'));
  const unit = readFileSync(join(FOLDER, 'worksteal-role@.service'), 'utf8');
  // What is started has to exist.
  const here = unit.replaceAll('/opt/worksteal', packageRoot());
  for (const role of ROLES) writeFileSync(join(folder, `worksteal-${role}@.service`), here);
  writeFileSync(join(folder, 'worksteal.target'), readFileSync(join(FOLDER, 'worksteal.target')));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Its exit code and all that it says. @throws Error where it is missing */
function analyze(...args: string[]): { code: number | null; said: string } {
  const { error, status, stdout, stderr } = spawnSync('systemd-analyze', args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: LIMIT_MS,
  });
  if (error) throw new Error('systemd-analyze is missing: apt-get install systemd', { cause: error });
  return { code: status, said: `${stdout}${stderr}` };
}

it('systemd takes the unit under the name of each role', () => {
  expect(analyze('verify', '--man=no', ...UNITS, 'worksteal.target')).toEqual({ code: 0, said: '' });
});

it('the unit confines what it starts', () => {
  const limit = `--threshold=${MAX_EXPOSURE}`;
  const { code, said } = analyze('security', '--no-pager', '--offline=true', limit, ...UNITS);
  expect(said).toContain('Overall exposure level for worksteal-watch@main.service');
  expect(code, said).toBe(0);
});
