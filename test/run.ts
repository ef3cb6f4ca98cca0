/**
 * `npm test`: every project that can run here. Container tests need a Docker engine; without one they are
 * left out and one line says so. `node test/run.ts containers` runs those alone, and fails where they can't
 * run; WORKSTEAL_CONTAINERS=0 leaves them out of the others. What follows `--` goes to vitest.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { serverBinary } from '../src/redis/open.ts';
import { whyNoContainers } from './support/docker.ts';

const say = (line: string): void => console.error(line);

const onlyContainers = process.argv[2] === 'containers';
const passedOn = process.argv.slice(onlyContainers ? 3 : 2);

const reason =
  process.env['WORKSTEAL_CONTAINERS'] === '0' && !onlyContainers
    ? 'WORKSTEAL_CONTAINERS is 0'
    : await whyNoContainers();
if (reason !== null && onlyContainers) {
  say(`The container tests can't run: ${reason}.`);
  process.exit(1);
}
if (reason !== null) say(`The container tests are left out: ${reason}.`);

// Once, before the test files start servers side by side.
if (!onlyContainers && !process.env['REDIS_URL']) await serverBinary(process.env, { info: say, warn: say });

const folders = ['unit', 'contract', 'model', 'faults', 'e2e'].filter(
  (name) => globSync(`test/${name}/**/*.test.ts`).length > 0,
);
const projects = [
  ...(onlyContainers ? [] : [...folders, 'sentinel', 'cluster']),
  ...(reason === null ? ['containers'] : []),
];
const args = [
  'node_modules/vitest/vitest.mjs',
  'run',
  ...projects.flatMap((name) => ['--project', name]),
  ...passedOn,
];
const env = { ...process.env, WORKSTEAL_CONTAINERS: reason === null ? '1' : '0' };
process.exit(spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1);
