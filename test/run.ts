/**
 * Runs the tests. What follows `--` goes to vitest.
 *
 * - `npm test` (`quick`): what ends within four minutes; test/quick.ts names what it leaves out. Test files
 *   named behind `--` are run in full.
 * - `npm run test:all` (`all`): every project that can run here, as CI does.
 * - `npm run test:containers` (`containers`): the container tests alone; fails without a Docker engine.
 *
 * Container tests need a Docker engine; without one `all` leaves them out and says so in one line.
 * WORKSTEAL_CONTAINERS=0 leaves them out of `all`, too.
 *
 * What the tests write lies in one temporary folder, which is removed where all of them passed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serverBinary } from '../src/redis/open.ts';
import { FEWER, SLOW } from './quick.ts';
import { whyNoContainers } from './support/docker.ts';

const FOLDERS = ['unit', 'contract', 'broker', 'model', 'faults', 'e2e'];
const SETS: Readonly<Record<string, readonly string[]>> = {
  quick: FOLDERS,
  all: [...FOLDERS, 'clients', 'page', 'sentinel', 'cluster', 'containers'],
  containers: ['containers'],
};

const say = (line: string): void => console.error(line);

const [set = '', ...passedOn] = process.argv.slice(2);
const wanted = SETS[set];
if (wanted === undefined) {
  say(`usage: node test/run.ts ${Object.keys(SETS).join('|')} [arguments of vitest]`);
  process.exit(2);
}

let projects = wanted;
if (wanted.includes('containers')) {
  const left = set === 'all' && process.env['WORKSTEAL_CONTAINERS'] === '0';
  const reason = left ? 'WORKSTEAL_CONTAINERS is 0' : await whyNoContainers();
  if (reason !== null && set === 'containers') {
    say(`The container tests cannot run: ${reason}.`);
    process.exit(1);
  }
  if (reason !== null) {
    say(`The container tests are left out: ${reason}.`);
    projects = wanted.filter((name) => name !== 'containers');
  }
}

// Once, before the test files start servers side by side.
if (projects.includes('unit') && !process.env['REDIS_URL'])
  await serverBinary(process.env, { info: say, warn: say });

const namesFiles = passedOn.some((argument) => !argument.startsWith('-'));
const quick = set === 'quick' && !namesFiles;
const args = [
  'node_modules/vitest/vitest.mjs',
  'run',
  ...projects.flatMap((name) => ['--project', name]),
  ...(quick ? SLOW.flatMap((files) => ['--exclude', files]) : []),
  ...passedOn,
];
const folder = mkdtempSync(join(tmpdir(), 'worksteal-tests-'));
const env = {
  ...(quick ? FEWER : {}),
  ...process.env,
  TMPDIR: folder,
  WORKSTEAL_CONTAINERS: projects.includes('containers') ? '1' : '0',
};
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', env });
if (status === 0) rmSync(folder, { recursive: true, force: true });
else say(`What the tests wrote is kept in ${folder}.`);
process.exit(status ?? 1);
