import { globSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

const SECOND_MS = 1_000;

/** One project for each folder of tests; test/run.ts picks them. */
function project(name: string, include: string[], testTimeout: number, more: object = {}): object {
  return { extends: true, test: { name, include, testTimeout, hookTimeout: 90 * SECOND_MS, ...more } };
}

/**
 * What runs once more on Sentinel and on a Cluster: the contracts of everything that speaks to Redis in its
 * own words (the ledger's scripts, the mutex, the limiter, the cancel queue and what the coordinator does
 * with them). The other contract tests are about the broker's side, or about processes; a second Redis
 * teaches nothing there, and costs minutes.
 */
const ON_OTHERS = [
  'ledger/*',
  'redis/shared',
  'mutex',
  'limiter',
  'cancels',
  'coordinator',
  'keeper',
  'inspect',
];
const onSharedRedis = globSync(
  ON_OTHERS.map((name) => `test/contract/${name}.test.ts`),
  { cwd: import.meta.dirname },
).filter((file) => {
  // A week of history is about memory, the same wherever it lies.
  if (file.includes('history-week')) return false;
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  // What a changed script does is the same wherever it runs.
  return !text.includes('changed-scripts') && /\b(startRedis|useRedis|useLedgers)\(/.test(text);
});

/**
 * Behind Sentinels, Redis is the same program at another address: the scripts of the ledger, each alone, and
 * those that only read, would show nothing new. On a Cluster their keys have to lie in one slot.
 */
const onSentinel = onSharedRedis.filter((file) => !/contract\/(ledger\/|inspect)/.test(file));

/** What is refused before a key is touched is refused wherever the keys lie. */
const onCluster = onSharedRedis.filter((file) => !/ledger\/(malformed|account-refused)\./.test(file));

/** Only there when test/run.ts asks for it: its set-up needs a Docker engine. */
const containers = project('containers', ['test/containers/**/*.test.ts'], 120 * SECOND_MS, {
  globalSetup: ['test/containers/setup.ts'],
  setupFiles: ['test/containers/use-container.ts'],
  hookTimeout: 120 * SECOND_MS,
  // Each file is a fleet of a dozen processes: two at once are late for each other on two processors.
  maxWorkers: 1,
  sequence: { groupOrder: 2 },
});

/** The same on real processes of one machine, test/support/topology. */
function topology(name: 'sentinel' | 'cluster', files: string[]): object {
  return project(name, files, 120 * SECOND_MS, {
    globalSetup: [`test/topologies/${name}.ts`],
    setupFiles: ['test/topologies/use-topology.ts'],
    hookTimeout: 90 * SECOND_MS,
  });
}

export default defineConfig({
  test: {
    globalSetup: ['test/build-program.ts'],
    pool: 'forks',
    // The files of a project share workers and what these have loaded, for loading it takes longer than most
    // tests: a file leaves nothing behind.
    isolate: false,
    restoreMocks: true,
    unstubEnvs: true,
    // One more than CI has processors: most of these tests wait for a process, a lease or a queue.
    maxWorkers: 3,
    teardownTimeout: 10 * SECOND_MS,
    // A test that needs longer says so itself; nothing may pass because nothing ran.
    // A wait for an event ends with the event; this only bounds one that never comes.
    expect: { poll: { timeout: 60 * SECOND_MS } },
    passWithNoTests: false,
    allowOnly: false,
    projects: [
      project('unit', ['test/unit/**/*.test.ts'], 60 * SECOND_MS),
      project('contract', ['test/contract/**/*.test.ts'], 90 * SECOND_MS),
      project('broker', ['test/broker/**/*.test.ts'], 90 * SECOND_MS),
      project('model', ['test/model/**/*.test.ts'], 180 * SECOND_MS),
      project('faults', ['test/faults/**/*.test.ts'], 180 * SECOND_MS),
      // Whole fleets of processes: two of them at once fill two processors.
      project('e2e', ['test/e2e/**/*.test.ts'], 180 * SECOND_MS, {
        maxWorkers: 2,
        sequence: { groupOrder: 1 },
      }),
      project('clients', ['test/clients/*.test.ts'], 120 * SECOND_MS, {
        globalSetup: ['test/clients/setup.ts'],
        hookTimeout: 90 * SECOND_MS,
      }),
      project('page', ['test/page/*.test.ts'], 90 * SECOND_MS, { globalSetup: ['test/page/setup.ts'] }),
      topology('sentinel', onSentinel),
      topology('cluster', onCluster),
      ...(process.env['WORKSTEAL_CONTAINERS'] === '1' ? [containers] : []),
    ],
  },
});
